import assert from 'node:assert/strict';
import { once } from 'node:events';
import WebSocket from 'ws';

/** A STOMP session over a WebSocket of its own, without heart-beats. */
export async function connectTo(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, ['v12.stomp']);
  socket.on('error', () => undefined);
  await once(socket, 'open');
  socket.send('CONNECT\naccept-version:1.2\nhost:test\nheart-beat:0,0\n\n\0');
  const [connected] = await once(socket, 'message');
  assert.match(String(connected), /^CONNECTED/);
  return socket;
}

let receipts = 0;

/** Asks for a RECEIPT of a SEND, which needs the broker as well; resolves when it has come. */
export async function roundTrip(socket: WebSocket): Promise<void> {
  const receipt = `r-${++receipts}`;
  const answered = new Promise<void>((resolve) => {
    socket.on('message', (data) => {
      if (String(data).includes(receipt)) resolve();
    });
  });
  socket.send(`SEND\ndestination:/topic/x\nreceipt:${receipt}\n\nhello\0`);
  await answered;
}
