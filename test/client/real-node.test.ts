import { expect, test } from 'vitest';
import { Client } from '../../src/client/client.js';
import type { Connection, Engine } from '../../src/client/connection.js';
import { createLeanEngine } from '../../src/client/lean-engine.js';
import { nowMicros, waitUntil } from '../../src/core/clock.js';
import { createLedger } from '../../src/record/ledger.js';
import { PieceProcess } from '../broker/piece-process.js';
import { planOfTwo, worldOf } from './scripted-engine.js';

/** An engine that remembers the newest connection of each client. */
function spiedOn(engine: Engine): { engine: Engine; connections: Map<unknown, Connection> } {
  const connections = new Map<unknown, Connection>();
  const open: Engine['open'] = (options) => {
    const connection = engine.open(options);
    connections.set(options.events, connection);
    return connection;
  };
  return { engine: { name: engine.name, open, close: () => engine.close() }, connections };
}

test('Against a real node every message is accounted for, also those of a client that was away', async () => {
  await using broker = await PieceProcess.broker();
  await using node = await PieceProcess.node('node-1', broker.port);
  const { engine, connections } = spiedOn(createLeanEngine());
  const { host, profile, prober, recorder, tally } = worldOf(engine, node.url);
  const ledger = createLedger(planOfTwo);
  const clients = [0, 1].map((index) => new Client(host, profile, index));
  const [sender, listener] = clients;
  const eventually = async (condition: () => boolean): Promise<void> => {
    expect(await waitUntil(condition, { timeoutMs: 20_000 })).toBe(true);
    ledger.add(recorder.take());
  };
  const send = (count: number): void => {
    for (let i = 0; i < count; i++) sender?.publisher?.due(nowMicros());
  };
  const account = () => ledger.settle({ nowMicros: nowMicros(), faults: [] });
  const arrived = (count: number): boolean => {
    ledger.add(recorder.take());
    const { once, late } = account().delivery;
    return once + late === count;
  };
  prober.start();
  for (const client of clients) client.start();
  await eventually(() => clients.every((client) => client.state === 'ready') && prober.pendingCount === 0);
  send(50);
  await eventually(() => tally.unsettled === 0 && arrived(100));
  // As by a lost network: without a word to either side.
  const lost = connections.get(listener);
  lost?.terminate();
  // It may be back already when this is asked again: its wait is a random one.
  await eventually(() => listener?.state !== 'ready' || connections.get(listener) !== lost);
  send(20);
  await eventually(() => listener?.state === 'ready' && tally.unsettled === 0 && arrived(140));
  for (const client of clients) client.close();
  await eventually(() => clients.every((client) => client.state === 'closed'));
  prober.close();
  engine.close();

  const { delivery, clients: people, unconfirmed, reconnect } = account();
  expect(delivery).toMatchObject({
    ...{ sent: 70, acked: 70, attempted: 140, required: 140, missing: 0, requiredMissing: 0, absent: 0 },
    ...{ duplicate: 0, reordered: 0, unexpected: 0, indeterminate: 0, rejected: 0 },
  });
  expect(people).toEqual({ connected: 2, lost: 1, total: 2 });
  expect([unconfirmed, reconnect.count]).toEqual([[], 1]);
});
