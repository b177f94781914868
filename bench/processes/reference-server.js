// The reference for fan-out: `ws`, each message framed once, and per socket and turn of the event loop one
// write. No STOMP, no sessions, no broker, no limits.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { answerWith, cpuMicros } from './answer.js';

const subscribers = new Set();
let frames = [];

/** A message as an unmasked, unfragmented text frame [RFC 6455, 5.2]. */
function frameOf(payload) {
  const head = payload.length < 126 ? 2 : 4;
  const frame = Buffer.allocUnsafe(head + payload.length);
  frame[0] = 0x81;
  if (head === 2) frame[1] = payload.length;
  else {
    frame[1] = 126;
    frame.writeUInt16BE(payload.length, 2);
  }
  payload.copy(frame, head);
  return frame;
}

function flush() {
  const batch = frames;
  frames = [];
  for (const socket of subscribers) {
    socket.cork();
    for (const frame of batch) socket.write(frame);
    socket.uncork();
  }
}

function publish(payload) {
  frames.push(frameOf(payload));
  if (frames.length === 1) setImmediate(flush);
}

const http = createServer();
const wss = new WebSocketServer({ noServer: true, perMessageDeflate: false, clientTracking: false });
http.on('upgrade', (request, socket, head) => {
  wss.handleUpgrade(request, socket, head, (ws) => {
    socket.setNoDelay(true);
    ws.on('message', publish);
    ws.on('error', () => {});
    if (request.url === '/publisher') return;
    subscribers.add(socket);
    ws.on('close', () => subscribers.delete(socket));
  });
});
answerWith({ cpu: () => cpuMicros() });
http.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: http.address().port })));
