import { afterEach, beforeEach, expect, test } from 'vitest';
import webstomp, { type Client, type Message } from 'webstomp-client';
import { WebSocket } from 'ws';
import type { RelayNode } from '../../../src/server/node.js';
import { openTestNode } from '../test-node.js';

let node: RelayNode;
beforeEach(async () => {
  node = await openTestNode({ heartbeatMs: 300 });
});
afterEach(() => node[Symbol.asyncDispose]());

/** A client, and what went over its socket besides frames. */
async function connect(heartbeat: { outgoing: number; incoming: number } | false) {
  const socket = new WebSocket(node.url, webstomp.VERSIONS.supportedProtocols());
  const beats = { sent: 0, received: 0 };
  const send = socket.send.bind(socket);
  socket.send = (data: string) => {
    if (data === '\n') beats.sent++;
    send(data);
  };
  socket.on('message', (data) => {
    if (data.toString() === '\n') beats.received++;
  });
  const client: Client = webstomp.over(socket, { heartbeat, debug: false });
  await new Promise<void>((resolve, reject) => {
    client.connect({ login: 'ann', passcode: '' }, () => resolve(), reject);
  });
  return { client, beats, socket };
}

test('webstomp-client subscribes, sends, acknowledges, commits and disconnects with a receipt', async () => {
  const { client, socket } = await connect(false);
  const receipts: string[] = [];
  client.onreceipt = (frame) => receipts.push(frame.headers['receipt-id'] ?? '');
  const bodies: string[] = [];
  const take = (message: Message) => {
    bodies.push(`${message.headers.destination} ${message.body}`);
    message.ack();
  };
  const subscription = client.subscribe('/queue/work', take, { ack: 'client-individual', receipt: 'sub' });
  client.subscribe('/user/queue/own', (message) => bodies.push(`${message.headers.destination} ${message.body}`));
  await expect.poll(() => receipts, { timeout: 30_000 }).toEqual(['sub']);
  client.begin('t');
  client.send('/queue/work', 'grüße', { transaction: 't' });
  client.commit('t');
  client.send('/user/ann/queue/own', 'private', { receipt: 'sent' });
  await expect.poll(() => receipts, { timeout: 30_000 }).toEqual(['sub', 'sent']);
  await expect
    .poll(() => [...bodies].sort(), { timeout: 30_000 })
    .toEqual(['/queue/work grüße', '/user/queue/own private']);
  subscription.unsubscribe();
  const errors: string[] = [];
  socket.on('message', (data) => {
    if (data.toString().startsWith('ERROR')) errors.push(data.toString());
  });
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  client.disconnect(() => {}, { receipt: 'bye' });
  // It does not wait for the receipt, but closes by itself right after DISCONNECT, without a code.
  expect(await closed).toBe(1005);
  expect(errors).toEqual([]);
  const heir = await connect(false);
  heir.client.send('/queue/work', 'marker');
  heir.client.subscribe('/queue/work', (message) => bodies.push(message.body));
  // What was acknowledged does not come again.
  await expect.poll(() => bodies.slice(2), { timeout: 30_000 }).toEqual(['marker']);
  heir.socket.terminate();
});

test('webstomp-client and the node beat for each other while nothing else is said', async () => {
  // The library takes a node for dead that it has not heard for twice as long, also when it stood still itself.
  const { client, beats, socket } = await connect({ outgoing: 300, incoming: 4_000 });
  // Longer than the 1.6 s after which the node would take a silent client for dead.
  await expect.poll(() => beats.sent >= 7 && beats.received >= 1, { timeout: 30_000 }).toBe(true);
  expect(client.connected).toBe(true);
  socket.terminate();
});
