import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { userDestinationToSend, userDestinationToSubscribe } from '../../src/server/user-destination.js';
import type { Frame } from '../../src/stomp/frame.js';
import { PieceProcess } from '../broker/piece-process.js';
import { RawClient } from './raw-client.js';
import { TestCluster } from './test-cluster.js';
import { openTestNode } from './test-node.js';

const own = '/user/queue/news';
const anns = '/user/ann/queue/news';

function bodiesOf(client: RawClient): string[] {
  return client.received.filter((frame) => frame.command === 'MESSAGE').map((frame) => frame.body.toString());
}

function positionIn(frame: Frame): { epoch: string; offset: string } {
  return { epoch: frame.headers.get('epoch') ?? '', offset: frame.headers.get('offset') ?? '' };
}

describe('private destinations on three nodes', () => {
  let cluster: TestCluster;
  beforeEach(async () => {
    cluster = await TestCluster.open(3);
  });
  afterEach(() => cluster[Symbol.asyncDispose]());

  test('a message for a user reaches all sessions of that user on every node, and nobody else', async () => {
    const tabs = [];
    for (const node of [0, 1, 1]) tabs.push(await cluster.client(node, { login: 'ann' }));
    const bob = await cluster.client(0, { login: 'bob' });
    const nobody = await cluster.client(1);
    for (const client of [...tabs, bob, nobody]) await client.asked('SUBSCRIBE', { id: '1', destination: own });
    const sender = await cluster.client(2);
    await sender.asked('SEND', { destination: anns }, 'for ann');
    await sender.asked('SEND', { destination: '/user/bob/queue/news' }, 'for bob');
    await sender.asked('SEND', { destination: '/user/bob/queue/other' }, 'for nobody');
    for (const tab of tabs) {
      const message = await tab.next('MESSAGE');
      expect(message.body.toString()).toBe('for ann');
      // The subscriber's own words, as Spring does: clients of 1.0 tell their subscriptions by nothing else.
      expect(message.headers.get('destination')).toBe(own);
    }
    expect(await bob.bodies(1)).toEqual(['for bob']);
    // Whatever the others were sent must have come before these.
    for (const name of ['ann', 'bob']) await sender.asked('SEND', { destination: `/user/${name}/queue/news` }, 'end');
    for (const client of [...tabs, bob]) expect(await client.bodies(1)).toEqual(['end']);
    expect(bodiesOf(nobody)).toEqual([]);
  });

  test('who gives no login is addressed by the session id of CONNECTED', async () => {
    const client = await RawClient.overWebSocket(cluster.nodes[0]?.url ?? '');
    const connected = await client.connect();
    const session = connected.headers.get('session') ?? '';
    expect(connected.headers.get('user-name')).toBe(session);
    await client.asked('SUBSCRIBE', { id: '1', destination: own });
    await (await cluster.client(1)).asked('SEND', { destination: `/user/${session}/queue/news` }, 'hello');
    expect(await client.bodies(1)).toEqual(['hello']);
    await client[Symbol.asyncDispose]();
  });

  test('a name with other characters is written as encodeURIComponent writes it', async () => {
    for (const name of ['ann@example.com', 'a/b', 'Jürgen ☂', '100%', '_', '__proto__', 'queue']) {
      const user = await cluster.client(0, { login: name });
      await user.asked('SUBSCRIBE', { id: '1', destination: own });
      await (await cluster.client(1)).asked(
        'SEND',
        { destination: `/user/${encodeURIComponent(name)}/queue/news` },
        name,
      );
      expect(await user.bodies(1)).toEqual([name]);
    }
  });

  test('1.0 ends its subscription by the destination that it knows', async () => {
    const user = await cluster.client(0, { login: 'ann' }, '1.0');
    await user.asked('SUBSCRIBE', { destination: own });
    const sender = await cluster.client(1);
    await sender.asked('SEND', { destination: anns }, 'one');
    expect(await user.bodies(1)).toEqual(['one']);
    await user.asked('UNSUBSCRIBE', { destination: own });
    await sender.asked('SEND', { destination: anns }, 'two');
    await user.asked('SUBSCRIBE', { destination: own });
    await sender.asked('SEND', { destination: anns }, 'three');
    expect(await user.bodies(1)).toEqual(['three']);
  });

  test('D08: a user who moves from node to node while messages come gets every one of them once', async () => {
    const sender = await cluster.client(2);
    const count = 300;
    const bodies: string[] = [];
    let since: { epoch: string; offset: string } | undefined;
    let sending: Promise<void> | undefined;
    const sendAll = async () => {
      for (let i = 0; i < count; i++) await sender.asked('SEND', { destination: anns }, `${i}`);
    };
    for (let move = 0; bodies.length < count; move++) {
      const user = await cluster.client(move % 2, { login: 'ann' });
      const receipt = await user.asked('SUBSCRIBE', { id: '1', destination: own, ...since });
      expect(receipt.headers.get('recovered')).toBe(since === undefined ? undefined : 'true');
      sending ??= sendAll();
      for (let read = 0; read < 50 && bodies.length < count; read++) {
        const message = await user.next('MESSAGE');
        bodies.push(message.body.toString());
        since = positionIn(message);
      }
      await user[Symbol.asyncDispose]();
    }
    await sending;
    expect(bodies).toEqual(Array.from({ length: count }, (_, i) => `${i}`));
  });
});

describe('refused', () => {
  for (const [title, command, destination, words] of [
    ['another user’s destination', 'SUBSCRIBE', '/user/bob/queue/news', 'belongs to one user'],
    ['even one’s own by name', 'SUBSCRIBE', anns, 'belongs to one user'],
    ['a private part without a name', 'SUBSCRIBE', '/user/queue', 'not of the form'],
    ['something else than queue and topic', 'SUBSCRIBE', '/user/news', 'not of the form'],
    ['everybody', 'SUBSCRIBE', '/user', 'not of the form'],
    ['a wildcard', 'SUBSCRIBE', '/user/queue/*', 'contains characters'],
    ['nobody', 'SEND', own, 'not of the form'],
    ['an empty name', 'SEND', '/user//queue/news', 'percent-encoded'],
    ['a bad percent-encoding', 'SEND', '/user/%ff/queue/news', 'percent-encoded'],
    ['a name with a colon', 'SEND', '/user/a\\cb/queue/news', 'percent-encoded'],
    ['a name that is too long', 'SEND', `/user/${'%C3%BC'.repeat(50)}/queue/news`, 'longer'],
  ] as const) {
    test(`limit 19: ${command} to ${title}`, async () => {
      await using node = await openTestNode();
      await using client = await RawClient.overWebSocket(node.url);
      await client.connect('1.2', { login: 'ann' });
      client.send(command, { id: '1', destination });
      const error = await client.next('ERROR');
      expect(error.headers.get('message')).toContain(words);
      await client.ended;
    });
  }

  test('limit 19: segments are names, nothing is resolved: there is no way out of the private part', () => {
    const read = userDestinationToSubscribe('/user/queue/../../bob/queue/news', 'ann');
    expect(read).toEqual({ destination: '/user/ann/queue/../../bob/queue/news' });
  });

  test('limit 19: different names never share a destination', () => {
    const names = ['_', '_5f', '_5F', '%5F', 'a_b', 'a%5fb', 'ä', '_c3_a4', 'a.b', 'a-b', 'A'];
    const places = names.map((name) => JSON.stringify(userDestinationToSubscribe(own, name)));
    expect(new Set(places).size).toBe(names.length);
    for (const name of names) {
      const sent = userDestinationToSend(`/user/${encodeURIComponent(name)}/queue/news`);
      expect(sent).toEqual(userDestinationToSubscribe(own, name));
    }
  });
});

test('D06, D07: after the user’s node is killed every message comes on another node, none lost, none twice', async () => {
  const broker = await PieceProcess.broker();
  const nodes = await Promise.all(['node-1', 'node-2', 'node-3'].map((name) => PieceProcess.node(name, broker.port)));
  const clients: RawClient[] = [];
  const connected = async (node: PieceProcess | undefined, login: string) => {
    const client = await RawClient.overWebSocket(node?.url ?? '');
    clients.push(client);
    await client.connect('1.2', { login });
    return client;
  };
  try {
    const first = await connected(nodes[0], 'ann');
    const other = await connected(nodes[2], 'ann');
    for (const tab of [first, other]) await tab.asked('SUBSCRIBE', { id: '1', destination: own });
    const sender = await connected(nodes[1], 'bob');
    const count = 400;
    const sending = (async () => {
      for (let i = 0; i < count; i++) await sender.asked('SEND', { destination: anns }, `${i}`);
    })();
    await first.until(() => bodiesOf(first).length >= 100, '100 messages');
    await nodes[0]?.end('SIGKILL');
    await first.ended;
    const seen = first.received.filter((frame) => frame.command === 'MESSAGE');
    const back = await connected(nodes[2], 'ann');
    await back.asked('SUBSCRIBE', { id: '1', destination: own, ...positionIn(seen.at(-1) as Frame) });
    await sending;
    await back.until(() => seen.length + bodiesOf(back).length >= count, 'all messages');
    await other.until(() => bodiesOf(other).length >= count, 'all messages in the other tab');
    const all = Array.from({ length: count }, (_, i) => `${i}`);
    expect([...bodiesOf(first), ...bodiesOf(back)]).toEqual(all);
    expect(bodiesOf(other)).toEqual(all);
  } finally {
    for (const client of clients) await client[Symbol.asyncDispose]();
    for (const piece of [...nodes, broker]) await piece[Symbol.asyncDispose]();
  }
});
