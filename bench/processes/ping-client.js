// Round trips, one at a time, over connections that stay open.
import { once } from 'node:events';
import { connect } from 'node:net';
import { median } from '../statistics.js';
import { answerWith } from './answer.js';

const sockets = new Map();

async function socketTo(port) {
  const known = sockets.get(port);
  if (known !== undefined) return known;
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  sockets.set(port, socket);
  return socket;
}

/** @returns the median of so many round trips of so many bytes, in microseconds */
async function roundTrips({ port, count, sizeBytes }) {
  const socket = await socketTo(port);
  const body = Buffer.alloc(sizeBytes, 'x');
  const micros = [];
  for (let trip = 0; trip < count; trip++) {
    const startMs = performance.now();
    await new Promise((resolve) => {
      let missing = sizeBytes;
      const onData = (bytes) => {
        missing -= bytes.length;
        if (missing > 0) return;
        socket.off('data', onData);
        resolve();
      };
      socket.on('data', onData);
      socket.write(body);
    });
    micros.push((performance.now() - startMs) * 1000);
  }
  return median(micros);
}

answerWith({ roundTrips });
