import { Client, StompSocketState, Versions } from '@stomp/stompjs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { BrokerServer } from '../../../src/server/broker-server.js';
import type { RelayNode } from '../../../src/server/node.js';
import { openTestBroker, openTestNode, testSecret } from '../test-node.js';

let broker: BrokerServer;
let node: RelayNode;
beforeEach(async () => {
  broker = await openTestBroker();
  node = await openTestNode({}, { broker: `embedded://127.0.0.1:${broker.port}`, secret: testSecret });
});
afterEach(async () => {
  await node[Symbol.asyncDispose]();
  await broker[Symbol.asyncDispose]();
});

function createClient(version: string): Client {
  return new Client({
    webSocketFactory: () => new WebSocket(node.url, [`v${version.replace('.', '')}.stomp`]),
    stompVersions: new Versions([version]),
    reconnectDelay: 0,
    forceBinaryWSFrames: false,
    discardWebsocketOnCommFailure: false,
  });
}

function activate(client: Client): Promise<void> {
  return new Promise((resolve, reject) => {
    client.onConnect = () => resolve();
    client.onStompError = (frame) => reject(new Error(frame.headers['message']));
    client.activate();
  });
}

function receipt(client: Client, id: string): Promise<void> {
  return new Promise((resolve) => client.watchForReceipt(id, () => resolve()));
}

for (const version of [Versions.V1_0, Versions.V1_1, Versions.V1_2]) {
  test(`the unmodified stompjs in ${version} subscribes, sends with a receipt, acknowledges, commits and disconnects`, async () => {
    const client = createClient(version);
    await activate(client);
    expect(client.connectedVersion).toBe(version);
    const bodies: string[] = [];
    const inForce = receipt(client, 'sub');
    const subscription = client.subscribe(
      '/topic/room.1',
      (message) => {
        bodies.push(message.body);
        message.ack();
      },
      { ack: 'client', receipt: 'sub' },
    );
    await inForce;
    const transaction = client.begin();
    client.publish({ destination: '/topic/room.1', body: 'grüße', headers: { transaction: transaction.id } });
    client.publish({ destination: '/topic/room.1', body: 'first' });
    const committed = receipt(client, 'sent');
    transaction.commit();
    client.publish({ destination: '/topic/room.1', body: 'last', headers: { receipt: 'sent' } });
    await committed;
    await expect.poll(() => bodies, { timeout: 30_000 }).toEqual(['first', 'grüße', 'last']);
    subscription.unsubscribe();
    await client.deactivate();
    expect(client.webSocket?.readyState ?? StompSocketState.CLOSED).toBe(StompSocketState.CLOSED);
  });
}

test('stompjs may publish a thousand messages and leave at once: all of them are published', async () => {
  const reader = createClient(Versions.V1_2);
  await activate(reader);
  let count = 0;
  const inForce = receipt(reader, 'sub');
  reader.subscribe('/topic/room.1', () => count++, { receipt: 'sub' });
  await inForce;
  const writer = createClient(Versions.V1_2);
  await activate(writer);
  for (let i = 0; i < 1_000; i++) writer.publish({ destination: '/topic/room.1', body: `${i}` });
  const failed: string[] = [];
  writer.onStompError = (frame) => failed.push(frame.headers['message'] ?? '');
  await writer.deactivate();
  expect(failed).toEqual([]);
  await expect.poll(() => count, { timeout: 30_000 }).toBe(1_000);
  await reader.deactivate();
});

test('stompjs may subscribe and unsubscribe in the same moment', async () => {
  const client = createClient(Versions.V1_2);
  await activate(client);
  const failed: string[] = [];
  client.onStompError = (frame) => failed.push(frame.headers['message'] ?? '');
  client.subscribe('/topic/room.1', () => {}).unsubscribe();
  const done = receipt(client, 'done');
  client.publish({ destination: '/topic/room.2', headers: { receipt: 'done' } });
  await done;
  expect(failed).toEqual([]);
  await client.deactivate();
});

test('stompjs takes work from a queue: what it refuses comes again, marked, what it acknowledges does not', async () => {
  const client = createClient(Versions.V1_2);
  await activate(client);
  const seen: string[] = [];
  const inForce = receipt(client, 'sub');
  client.subscribe(
    '/queue/work',
    (message) => {
      const isAgain = message.headers['redelivered'] === 'true';
      seen.push(`${message.body} ${isAgain ? 'again' : 'first'}`);
      if (isAgain) message.ack();
      else message.nack();
    },
    { ack: 'client-individual', receipt: 'sub' },
  );
  await inForce;
  client.publish({ destination: '/queue/work', body: 'a' });
  await expect.poll(() => seen, { timeout: 30_000 }).toEqual(['a first', 'a again']);
  await client.deactivate();
  const heir = createClient(Versions.V1_2);
  await activate(heir);
  heir.subscribe('/queue/work', (message) => seen.push(message.body));
  heir.publish({ destination: '/queue/work', body: 'marker' });
  await expect.poll(() => seen.slice(2), { timeout: 30_000 }).toEqual(['marker']);
  await heir.deactivate();
});

test('stompjs and the node beat for each other while nothing else is said', async () => {
  await using beating = await openTestNode({ heartbeatMs: 300 });
  const client = createClient(Versions.V1_2);
  let [sent, received] = [0, 0];
  client.webSocketFactory = () => {
    const socket = new WebSocket(beating.url, ['v12.stomp']);
    const send = socket.send.bind(socket);
    socket.send = (data: string) => {
      if (data === '\n') sent++;
      send(data);
    };
    socket.on('message', (data) => {
      if (data.toString() === '\n') received++;
    });
    return socket;
  };
  // The library takes a node for dead that it has not heard for twice as long, also when it stood still itself.
  client.heartbeatIncoming = 4_000;
  client.heartbeatOutgoing = 300;
  await activate(client);
  // Longer than the 1.6 s after which the node would take a silent client for dead.
  await expect.poll(() => sent >= 7 && received >= 1, { timeout: 30_000 }).toBe(true);
  expect(client.connected).toBe(true);
  await client.deactivate();
});
