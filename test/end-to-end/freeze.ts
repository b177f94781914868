import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nowMs, sleep } from '../../src/core/clock.js';
import { batchFromJson } from '../../src/record/batch-json.js';
import type { Result } from '../../src/record/result.js';
import type { RecordLine } from '../../src/scenario/run-event.js';
import { keyOf } from '../record/history-reading.js';
import { rowsOf } from '../record/history-rows.js';
import { RawClient } from '../server/raw-client.js';
import { type Place, set } from './place.js';

/** A run at a steady rate on one node, which hangs once in the middle. */
export interface Freeze {
  readonly ratePerSecond: number;
  readonly durationMs: number;
  readonly frozenMs: number;
}

export interface FreezeReport {
  readonly result: Result;
  /** What the run reports. */
  readonly p95Ms: number;
  /** What it must report if nothing but the hang took time: see `closedFormMs`. */
  readonly expectedMs: number;
  /** The same from the moments when messages were due, as a bound from below that no noise can break. */
  readonly atLeastMs: number;
  /** Response times that were recorded, in ascending order, from the facts alone. */
  readonly recordedMs: readonly number[];
  /** What a client next to them measures that sends its next message only after the receipt of the last. */
  readonly closedLoopMs: readonly number[];
}

const share = 0.95;
/** Each of fifty says something twice a second, or whatever makes the rate, and one other hears it. */
const clients = 50;

/**
 * Of the messages due in a hang each waits until its end: the first for all of it, the last for nothing. So response
 * times are spread evenly from nought to its length, and the share of messages above x is (length − x) / duration.
 */
function closedFormMs(frozenMs: number, durationMs: number): number {
  return frozenMs - (1 - share) * durationMs;
}

/** The smallest value that so large a share of the values does not exceed. */
export function quantile(ascending: readonly number[], of = share): number {
  return ascending[Math.max(0, Math.ceil(of * ascending.length) - 1)] ?? Number.NaN;
}

/** Runs it. Heart-beats are so slow that nobody takes the hang for a death. */
export async function performFreeze(place: Place, freeze: Freeze): Promise<FreezeReport> {
  const { durationMs, frozenMs, ratePerSecond } = freeze;
  const everyMs = (clients * 1000) / ratePerSecond;
  const pausedAtMs = Math.round((durationMs - frozenMs) / 2);
  const { says, said, ended } = place.start([
    ...['run', 'smoke', '--workers', '1', '--out', 'freeze'],
    ...set(`clients[0].count=${clients}`, `clients[0].rooms=${clients / 2}`, `clients[0].send.every=${everyMs}ms`),
    ...set('clients[0].connect.via=nodes', 'clients[0].heartbeat=60s', 'cluster.nodes=1', 'cluster.broker=simple'),
    ...set(`duration=${durationMs}ms`, `steps=[{at: ${pausedAtMs}ms, pause: node-1, for: ${frozenMs}ms}]`),
    ...set(`deadline=${durationMs}ms`, 'contract=at-least-once'),
    ...set('thresholds={delivery.latency: ["p(95) < 1h"], delivery.missing: ["count == 0"]}'),
  ]);
  await says(/node-1 ready .* on ws:\S+/);
  const url = /node-1 ready .* on (ws:\S+)/.exec(said.stdout)?.[1] ?? '';
  await says('from its start on times count anew');
  // Until after the hang, and not until the node itself is gone.
  const closedLoopMs = await measureClosedLoop(url, pausedAtMs + frozenMs + 500, 1000 / ratePerSecond);
  const { code, stdout, stderr } = await ended;
  // On a machine that is busy otherwise the run itself refuses to judge latencies, and reports them all the same.
  assert.ok(code === 0 || code === 3, `${stdout}${stderr}`);
  const result = place.result('freeze');
  const p95Ms = result.thresholds.find(({ metric }) => metric === 'delivery.latency')?.actual ?? Number.NaN;
  return { result, p95Ms, ...readFacts(place, freeze), closedLoopMs };
}

/** One after the other, at most at the pace of the others: whoever waits for an answer does not ask meanwhile. */
async function measureClosedLoop(url: string, forMs: number, everyMs: number): Promise<number[]> {
  await using client = await RawClient.overWebSocket(url);
  await client.connect('1.2', { 'heart-beat': '0,0' });
  const measured: number[] = [];
  const endMs = nowMs() + forMs;
  while (nowMs() < endMs) {
    const sentAtMs = nowMs();
    client.send('SEND', { destination: '/topic/closed-loop', receipt: String(measured.length) }, 'x');
    while ((await client.next()).command !== 'RECEIPT');
    measured.push(nowMs() - sentAtMs);
    await sleep(Math.max(0, sentAtMs + everyMs - nowMs()));
  }
  return measured.sort((a, b) => a - b);
}

function readFacts(
  place: Place,
  { durationMs, frozenMs }: Freeze,
): Pick<FreezeReport, 'expectedMs' | 'atLeastMs' | 'recordedMs'> {
  const text = readFileSync(join(place.cwd, 'freeze', 'events.ndjson'), 'utf8');
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line): RecordLine => JSON.parse(line));
  const [paused, unpaused] = lines.flatMap((line) => (line.type === 'fault-injected' ? [line.injection.atMicros] : []));
  if (paused === undefined || unpaused === undefined) throw new Error('the hang has no beginning or no end');
  const facts = lines.flatMap((line) => (line.type === 'facts' ? [batchFromJson(line)] : []));
  const { publishes, arrivals } = rowsOf(facts);
  const dueMicros = new Map(publishes.map((row) => [keyOf(row), row.intendedAtMicros]));
  const responses = arrivals.map((row) => (row.atMicros - (dueMicros.get(keyOf(row)) ?? Number.NaN)) / 1000);
  // It hung at the very least from so long before it was told to go on; what fell due then waited for that.
  const waits = [...dueMicros.values()].map((due) =>
    due < unpaused - frozenMs * 1000 ? 0 : Math.max(0, unpaused - due),
  );
  return {
    expectedMs: closedFormMs((unpaused - paused) / 1000, durationMs),
    atLeastMs: quantile(waits.sort((a, b) => a - b)) / 1000,
    recordedMs: responses.sort((a, b) => a - b),
  };
}
