import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Client } from '../../src/client/client.js';
import { sendDrainFences } from '../../src/client/drain.js';
import { nowMicros } from '../../src/core/clock.js';
import { arrivalMark, publishOutcome, type SessionFact } from '../../src/record/history.js';
import { emptyReading, readStamp } from '../../src/record/stamp.js';
import { planOfTwo, planOfTwoRooms, type ScriptedConnection, scriptedWorld } from './scripted-engine.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function connectedClient(plan = planOfTwo) {
  const world = scriptedWorld(plan);
  const client = new Client(world.host, world.profile, 0);
  const next = (): ScriptedConnection => {
    const connection = world.connections.at(-1);
    if (connection === undefined) throw new Error('nothing was opened');
    return connection;
  };
  client.start();
  next().connect();
  return { ...world, client, connection: next(), next };
}

function confirmations(facts: readonly SessionFact[]) {
  return facts.flatMap((fact) => (fact.type === 'subscription-confirmed' ? [fact.recovered] : []));
}

describe('a subscription', () => {
  it('is confirmed by its first fence where the server gives no RECEIPT [ledger, Fence]', () => {
    const { client, connection, recorder } = connectedClient();
    expect(client.state).toBe('subscribing');
    connection.message('f', { publisher: 1 });
    expect(client.state).toBe('ready');
    expect(confirmations(recorder.take().sessions)).toEqual([undefined]);
    connection.receipt('s0', { recovered: 'true' });
    expect(confirmations(recorder.take().sessions)).toEqual([]);
  });

  it('that waits for a RECEIPT longer than a second gets fences from every node', () => {
    const { connections, prober, tally } = connectedClient();
    prober.start();
    for (const probe of connections.slice(1)) probe.connect();
    vi.advanceTimersByTime(800);
    expect(tally.fencesSent).toBe(0);
    vi.advanceTimersByTime(600);
    expect(connections.slice(1).map((probe) => probe.sent.length > 0)).toEqual([true, true]);
    expect(prober.pendingCount).toBe(1);
    prober.close();
  });

  it('that asked for a replay is not confirmed by a fence, which may be a replayed one', () => {
    const { client, connection, next, recorder } = connectedClient();
    connection.receipt('s0', { epoch: 'e', offset: '7' });
    connection.lose();
    vi.advanceTimersByTime(50);
    next().connect();
    expect(next().subscribed[0]?.headers).toEqual({ epoch: 'e', offset: '7' });
    recorder.take();
    next().message('f', { publisher: 1, offset: 8 });
    expect(client.state).toBe('subscribing');
    next().message('m', { publisher: 1, sequence: 3, offset: 9 });
    next().receipt('s0', { recovered: 'false', epoch: 'e', offset: '9' });
    next().message('m', { publisher: 1, sequence: 4, offset: 10 });
    const { sessions, arrivals } = recorder.take();
    expect(confirmations(sessions)).toEqual([false]);
    expect([...Array.from(arrivals.marks)]).toEqual([arrivalMark.recovered, 0]);
  });

  it('asks for a replay from the last message it saw', () => {
    const { connection, next } = connectedClient();
    connection.receipt('s0', { epoch: 'e', offset: '7' });
    connection.message('m', { publisher: 1, offset: 12 });
    connection.lose();
    vi.advanceTimersByTime(50);
    next().connect();
    expect(next().subscribed[0]?.headers).toEqual({ epoch: 'e', offset: '12' });
  });
});

describe('a publish', () => {
  function ready() {
    const world = connectedClient();
    world.connection.receipt('s0');
    world.recorder.take();
    return { ...world, due: () => world.client.publisher?.due(nowMicros()) };
  }

  it('is acked by its RECEIPT, rejected by an ERROR that names it, and otherwise indeterminate', () => {
    const { connection, due, recorder } = ready();
    for (let i = 0; i < 3; i++) due();
    connection.receipt('m1');
    connection.error({ 'receipt-id': 'm2', message: 'no' });
    connection.lose();
    const { settlements, publishes } = recorder.take();
    expect(Array.from(publishes.sequence)).toEqual([1, 2, 3]);
    expect(Array.from(settlements.sequence)).toEqual([1, 2]);
    expect(Array.from(settlements.outcome)).toEqual([publishOutcome.acked, publishOutcome.rejected]);
  });

  it('that never found a connection is rejected: it was never handed to a socket', () => {
    const { client, connection, due, recorder } = ready();
    connection.lose();
    due();
    client.close();
    const { publishes, settlements } = recorder.take();
    expect(Array.from(publishes.writtenAtMicros)).toEqual([Number.NaN]);
    expect(Array.from(settlements.outcome)).toEqual([publishOutcome.rejected]);
  });

  it('waits while 32 receipts are owed by a server that gives them', () => {
    const { connection, due, tally } = ready();
    for (let i = 0; i < 40; i++) due();
    expect([connection.sent.length, tally.heldSends]).toEqual([32, 8]);
    connection.receipt('m1');
    expect([connection.sent.length, tally.heldSends]).toEqual([33, 7]);
    vi.advanceTimersByTime(60_000);
    due();
    expect(connection.sent).toHaveLength(33);
  });

  it('does not wait for ever for a server that gives no receipts for SEND, and stays indeterminate', () => {
    const { connection, due, recorder, tally } = ready();
    for (let i = 0; i < 40; i++) due();
    expect(connection.sent).toHaveLength(32);
    vi.advanceTimersByTime(2_100);
    due();
    expect([connection.sent.length, tally.heldSends, tally.unsettled]).toEqual([41, 0, 32]);
    expect(recorder.take().settlements.sequence).toHaveLength(0);
    // Nor does it wait for that server again in this session.
    for (let i = 0; i < 100; i++) due();
    expect([connection.sent.length, tally.heldSends, tally.unsettled]).toEqual([141, 0, 32]);
  });

  it('is acked also by a RECEIPT that comes long after it was given up, and only once', () => {
    const { connection, due, recorder, tally } = ready();
    for (let i = 0; i < 200; i++) due();
    vi.advanceTimersByTime(2_100);
    due();
    expect(connection.sent).toHaveLength(201);
    for (let sequence = 1; sequence <= 201; sequence++) connection.receipt(`m${sequence}`);
    for (let sequence = 1; sequence <= 201; sequence++) connection.receipt(`m${sequence}`);
    expect(recorder.take().settlements.sequence).toHaveLength(201);
    expect(tally.unsettled).toBe(0);
    // It was a server that gives them after all.
    for (let i = 0; i < 40; i++) due();
    expect([connection.sent.length, tally.heldSends]).toEqual([233, 8]);
  });

  it('waits for a server that gave receipts in an earlier session, and only stands still in this one', () => {
    const { connection, due, next, tally } = ready();
    due();
    connection.receipt('m1');
    connection.lose();
    vi.advanceTimersByTime(50);
    next().connect();
    next().receipt('s0');
    for (let i = 0; i < 40; i++) due();
    vi.advanceTimersByTime(60_000);
    due();
    expect([next().sent.length, tally.heldSends]).toEqual([32, 9]);
  });

  it('that waits for receipts that never come goes out before the last fence, though nothing falls due', async () => {
    const { client, connection, due } = ready();
    for (let i = 0; i < 40; i++) due();
    const { done } = sendDrainFences([client], { counts: [2], waitMs: 10_000, share: 1 });
    vi.advanceTimersByTime(12_000);
    expect(await done).toBe(0);
    const kinds = connection.sent.map(({ body }) => {
      const reading = emptyReading();
      readStamp(body, reading);
      return reading.kind;
    });
    expect(kinds).toEqual([...new Array(40).fill('m'), 'd']);
  });
});

describe('a client that leaves its room for a while', () => {
  it('subscribes again without asking for what was said meanwhile', () => {
    const { client, connection } = connectedClient();
    connection.receipt('s0', { epoch: 'e', offset: '7' });
    client.unsubscribeAll();
    connection.message('m', { publisher: 1, sequence: 1, offset: 8 });
    connection.receipt('u0');
    expect(connection.subscribed).toHaveLength(1);
    client.subscribeAgain();
    expect(connection.subscribed[1]?.headers).toEqual({ recover: 'true' });
  });

  it('that is due back before its UNSUBSCRIBE was confirmed subscribes with that RECEIPT', () => {
    const { client, connection } = connectedClient();
    connection.receipt('s0');
    client.unsubscribeAll();
    client.subscribeAgain();
    expect(connection.subscribed).toHaveLength(1);
    connection.receipt('u0');
    expect(connection.subscribed).toHaveLength(2);
  });

  it('wants nothing until it is due back, whatever it is told meanwhile', () => {
    const { client, connection, tally } = connectedClient();
    connection.receipt('s0');
    const counted = (): number[] => [tally.confirmed, tally.forsaken];
    client.unsubscribeAll();
    expect(counted()).toEqual([0, 1]);
    client.unsubscribeAll();
    connection.receipt('u0');
    expect(counted()).toEqual([0, 1]);
    client.subscribeAgain();
    expect(counted()).toEqual([0, 0]);
    client.subscribeAgain();
    connection.receipt('s0');
    expect(counted()).toEqual([1, 0]);
    // Due back before its UNSUBSCRIBE was confirmed.
    client.unsubscribeAll();
    client.subscribeAgain();
    expect(counted()).toEqual([0, 0]);
    connection.receipt('u0');
    connection.receipt('s0');
    expect(counted()).toEqual([1, 0]);
  });

  it('and loses its session meanwhile wants everything in the next one, where being due back changes nothing', () => {
    const { client, connection, next, tally } = connectedClient();
    connection.receipt('s0');
    client.unsubscribeAll();
    connection.lose();
    expect([tally.confirmed, tally.forsaken]).toEqual([0, 0]);
    client.subscribeAgain();
    vi.advanceTimersByTime(50);
    next().connect();
    next().receipt('s0');
    client.subscribeAgain();
    expect([tally.confirmed, tally.forsaken]).toEqual([1, 0]);
  });

  it('that is due back while another subscription still waits for its confirmation asks for what it had left', () => {
    const { client, connection } = connectedClient(planOfTwoRooms);
    connection.receipt('s0');
    client.unsubscribeAll();
    connection.receipt('u0');
    client.subscribeAgain();
    expect(connection.subscribed.map(({ destination }) => destination)).toEqual(['/topic/a', '/topic/b', '/topic/a']);
    connection.receipt('s1');
    expect(client.state).toBe('subscribing');
    connection.receipt('s0');
    expect(client.state).toBe('ready');
  });
});

it('a client that had stopped reading says how long before the end of its session, also when it just read on', () => {
  const unread = (readsOnAfterMs: number | undefined, livesOnMs: number) => {
    const { client, connection, recorder } = connectedClient();
    client.setReading(false);
    vi.advanceTimersByTime(readsOnAfterMs ?? 0);
    if (readsOnAfterMs !== undefined) client.setReading(true);
    vi.advanceTimersByTime(livesOnMs);
    connection.lose(1013);
    return recorder.take().sessions.flatMap((fact) => (fact.type === 'session-closed' ? [fact.unreadMs] : []));
  };
  expect(unread(undefined, 9000)).toEqual([9000]);
  expect(unread(8000, 100)).toEqual([8100]);
  expect(unread(8000, 60_000)).toEqual([undefined]);
});

it('a client that does not subscribe again is ready without, and forsakes its subscriptions until it is lost', () => {
  const world = scriptedWorld();
  const reconnect = { ...world.profile.reconnect, resubscribes: false };
  const client = new Client(world.host, { ...world.profile, reconnect }, 0);
  client.start();
  world.connections[0]?.connect();
  world.connections[0]?.receipt('s0');
  world.connections[0]?.lose();
  vi.advanceTimersByTime(50);
  world.connections[1]?.connect();
  expect(world.connections[1]?.subscribed).toEqual([]);
  expect(client.state).toBe('ready');
  expect(world.tally.forsaken).toBe(1);
  world.connections[1]?.lose();
  expect(world.tally.forsaken).toBe(0);
  vi.advanceTimersByTime(50);
  world.connections[2]?.connect();
  // An absence that falls due ends nothing, and its end takes up what was forsaken.
  client.unsubscribeAll();
  expect(world.tally.forsaken).toBe(1);
  client.subscribeAgain();
  world.connections[2]?.receipt('s0');
  expect([world.tally.confirmed, world.tally.forsaken]).toEqual([1, 0]);
});
