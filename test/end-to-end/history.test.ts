import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { waitUntil } from '../../src/core/clock.js';
import type { Frame } from '../../src/stomp/frame.js';
import { RawClient } from '../server/raw-client.js';
import { perform } from './perform.js';
import { Place, type Started } from './place.js';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

const destination = '/topic/history';

/** A cluster of two nodes; resolves with their addresses. */
async function up(...words: readonly string[]): Promise<{ cluster: Started; urls: readonly string[] }> {
  const cluster = place.start(['up', '-n', '2', '--port', '0', '--balancer', 'none', '--json', ...words]);
  await cluster.says(/"cluster-chat\/up@1".*\n/);
  const { nodes } = JSON.parse(cluster.said.stdout.split('\n')[0] ?? '') as { nodes: { url: string }[] };
  return { cluster, urls: nodes.map(({ url }) => url) };
}

/** Subscribes over a connection of its own: the RECEIPT, and the bodies that came before it. */
async function subscribe(url: string, headers: Readonly<Record<string, string>>) {
  await using client = await RawClient.overWebSocket(url);
  await client.connect();
  client.send('SUBSCRIBE', { id: '1', destination, receipt: 'subscribed', ...headers });
  const bodies: string[] = [];
  let frame: Frame = await client.next();
  for (; frame.command === 'MESSAGE'; frame = await client.next()) bodies.push(frame.body.toString());
  return { receipt: frame.headers, bodies };
}

/** A client hears nothing any more, and then another one says something. */
async function missOneMessage(urls: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const { receipt } = await subscribe(urls[0] ?? '', { recover: 'true' });
  await using other = await RawClient.overWebSocket(urls[1] ?? '');
  await other.connect();
  await other.asked('SEND', { destination }, 'missed');
  return { epoch: receipt.get('epoch') ?? '', offset: receipt.get('offset') ?? '' };
}

describe('up --history', () => {
  test('who comes back sooner gets what it missed', async () => {
    const { cluster, urls } = await up('--history', '10m');
    const since = await missOneMessage(urls);
    const { receipt, bodies } = await subscribe(urls[0] ?? '', since);
    expect([receipt.get('recovered'), bodies]).toEqual(['true', ['missed']]);
    cluster.child.kill('SIGINT');
    expect((await cluster.ended).code).toBe(0);
  });

  test('who comes back later is told recovered:false and gets nothing, in the background as well', async () => {
    expect((await place.run('up', '-d', '-n', '2', '--port', '0', '--history', '1s')).code).toBe(0);
    const { stdout } = await place.run('ps', '--json');
    const processes = JSON.parse(stdout).processes as { role: string; url: string }[];
    const urls = processes.filter(({ role }) => role === 'node').map(({ url }) => url);
    const since = await missOneMessage(urls);
    let answer = await subscribe(urls[0] ?? '', since);
    const isTold = async (): Promise<boolean> => {
      answer = await subscribe(urls[0] ?? '', since);
      return answer.receipt.get('recovered') === 'false';
    };
    expect(await waitUntil(isTold, { timeoutMs: 30_000, everyMs: 50 })).toBe(true);
    expect(answer.bodies).toEqual([]);
    expect((await place.run('down')).code).toBe(0);
  });
});

/** What the clients of a run were told when they came back. */
function toldRecovered(): (boolean | undefined)[] {
  const lines = readFileSync(join(place.cwd, 'out/events.ndjson'), 'utf8').trimEnd().split('\n');
  const facts: { type: string; recovered?: boolean }[] = lines.flatMap((line) => JSON.parse(line).sessions ?? []);
  return facts.filter(({ type }) => type === 'subscription-confirmed').map(({ recovered }) => recovered);
}

describe('cluster.history', () => {
  /** Clients who stay away for three seconds when their node dies. */
  const killed = [
    ...['clients[0].recover=true', 'clients[0].reconnect={ profile: fixed-10s, delay: 3s }'],
    ...['steps=[{ at: 1s, kill: node-2 }]', 'duration=6s', 'contract=custom', 'thresholds=null'],
  ];

  test('is longer than they were away: they miss nothing', async () => {
    const { delivery } = await perform(place, 'smoke', 'cluster.history=2m', ...killed);
    expect(delivery).toMatchObject({ missing: 0, unexplained: 0 });
    expect(toldRecovered()).toContain(true);
    expect(toldRecovered()).not.toContain(false);
  });

  test('is shorter: they are told, and what they missed is counted', async () => {
    const { delivery } = await perform(place, 'smoke', 'cluster.history=1s', ...killed);
    expect(delivery.missing).toBeGreaterThan(0);
    expect(delivery.unexplained).toBe(0);
    expect(toldRecovered()).toContain(false);
    expect(toldRecovered()).not.toContain(true);
  });
});
