import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectStompit, type StompitClient, type StompitMessage, type StompitSubscription } from 'stompit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BrokerServer, openBrokerServer } from '../../../src/server/broker-server.js';
import { brokerServerLimits } from '../../../src/server/limits.js';

let broker: BrokerServer;
beforeEach(async () => {
  broker = await openBrokerServer({
    version: '0.0.0',
    host: '127.0.0.1',
    port: 0,
    credential: undefined,
    trustsMessageIds: false,
    limits: { ...brokerServerLimits, heartbeatMs: 300 },
  });
});
afterEach(() => broker[Symbol.asyncDispose]());

function connect(version: string, more: object = {}, headers: object = {}): Promise<StompitClient> {
  const connectHeaders = { 'accept-version': version, host: '/', ...headers };
  const options = { host: '127.0.0.1', port: broker.port, connectHeaders, ...more };
  return new Promise((resolve, reject) => {
    connectStompit(options, (error, client) => (error === null ? resolve(client) : reject(error)));
  });
}

function send(client: StompitClient, destination: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error) => (error ? reject(error) : resolve());
    client.sendString({ destination }, body, { onReceipt: () => resolve() }, done);
  });
}

/** Collects the bodies of a destination and does with each message what is told. */
function collect(
  client: StompitClient,
  destination: string,
  ack: string,
  onBody: (body: string, message: StompitMessage) => void,
): StompitSubscription {
  return client.subscribe({ destination, ack }, (error, message) => {
    // The end of the connection is told to every subscription.
    if (error !== null) return;
    message.readString('utf8', (_error, body) => onBody(body, message));
  });
}

for (const version of ['1.0', '1.1', '1.2']) {
  test(`stompit in ${version} subscribes, sends, acknowledges, commits and disconnects over TCP`, async () => {
    const client = await connect(version);
    const bodies: string[] = [];
    const subscription = collect(client, '/queue/work', 'client', (body, message) => {
      bodies.push(body);
      client.ack(message);
    });
    collect(client, '/topic/a', 'auto', (body) => bodies.push(body));
    await send(client, '/queue/work', 'grüße');
    const transaction = client.begin();
    transaction.send({ destination: '/topic/a' }).end('in a transaction');
    await new Promise<void>((resolve) => transaction.commit({ onReceipt: resolve }));
    await expect.poll(() => [...bodies].sort(), { timeout: 30_000 }).toEqual(['grüße', 'in a transaction']);
    subscription.unsubscribe();
    await new Promise<void>((resolve, reject) => {
      client.disconnect((error) => (error === null ? resolve() : reject(error)));
    });
    const heir = await connect(version);
    await send(heir, '/queue/work', 'marker');
    collect(heir, '/queue/work', 'auto', (body) => bodies.push(body));
    await expect.poll(() => bodies.slice(2), { timeout: 30_000 }).toEqual(['marker']);
    await new Promise<void>((resolve) => heir.disconnect(() => resolve()));
  });
}

test('stompit gives work back with NACK, and it comes again, marked', async () => {
  const client = await connect('1.2');
  const seen: string[] = [];
  collect(client, '/queue/work', 'client-individual', (body, message) => {
    seen.push(`${body} ${message.headers['redelivered'] ?? 'false'}`);
    if (message.headers['redelivered'] === 'true') client.ack(message);
    else client.nack(message);
  });
  await send(client, '/queue/work', 'x');
  await expect.poll(() => seen, { timeout: 30_000 }).toEqual(['x false', 'x true']);
  await new Promise<void>((resolve) => client.disconnect(() => resolve()));
});

test('stompit and the broker beat for each other while nothing else is said', async () => {
  const beats = { sent: 0, received: 0 };
  const tapped = (options: { host: string; port: number }, done: () => void): Socket => {
    const socket = connectTcp(options, done);
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
    socket.write = (...args: unknown[]) => {
      if (String(args[0]) === '\n') beats.sent++;
      return write(...args);
    };
    socket.on('data', (chunk) => {
      if (chunk.toString() === '\n') beats.received++;
    });
    return socket;
  };
  // The library takes a broker for dead that it has not heard for the margin, also when it stood still itself.
  const margin = { heartbeatDelayMargin: 6_000 };
  const client = await connect('1.2', { connect: tapped, ...margin }, { 'heart-beat': '300,300' });
  // Longer than the 1.6 s after which the broker would take a silent client for dead.
  await expect.poll(() => beats.sent >= 7 && beats.received >= 7, { timeout: 30_000 }).toBe(true);
  await send(client, '/topic/a', 'still there');
  await new Promise<void>((resolve) => client.disconnect(() => resolve()));
});
