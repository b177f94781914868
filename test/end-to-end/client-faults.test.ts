import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SessionClosed, SessionFact } from '../../src/record/history.js';
import type { RecordLine } from '../../src/scenario/run-event.js';
import { HistoryReading } from '../record/history-reading.js';
import type { HistoryRows } from '../record/history-rows.js';
import { readRecording } from '../record/recorded-history.js';
import { perform } from './perform.js';
import { Place, set } from './place.js';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

const few = ['clients[0].count=30', 'clients[0].rooms=3', 'warmup=0s'];

test('in a storm every client is dropped and back at once, whatever its profile, and the peak at a node is told', async () => {
  const slowly = 'clients[0].reconnect={ profile: fixed-10s }';
  // A busy machine must not end a connection by itself.
  const steps = ['clients[0].heartbeat=10s', 'steps=[{ at: 1s, storm: all }]'];
  const result = await perform(place, 'hung-node', ...few, 'duration=3s', slowly, ...steps);
  expect(result).toMatchObject({ code: 0, verdict: 'pass', delivery: { missing: 0, unexplained: 0 } });
  const [storm] = result.faults;
  expect(storm).toMatchObject({ type: 'storm', node: 'chatters', observed: true, droppedClients: 30 });
  expect(storm?.recoveredMs).toBeLessThan(10_000);
  // One after the other, ten seconds apart, it would be one.
  expect(storm?.peakConnectsPerSecond).toBeGreaterThanOrEqual(5);
  expect(result.reconnect.count).toBe(30);
});

const engines = ['lean', 'stompjs'] as const;

/** The buffers of the kernel are full after some six seconds of the stall. */
const fastFeed = [
  ...['clients[0].send.every=250ms', 'clients[1].send.every=20ms', 'clients[2].count=3', 'drain.quiet=2s'],
  ...['steps[0].at=1s', 'steps[0].for=14s', 'duration=17s'],
];
// All of the scenario's but its latency, which is for a machine that carries nothing else. That a node which lets others
// wait for the slow one breaks `delivery.late` is shown by the broken nodes.
const counted =
  'thresholds={ delivery.unexplained: ["count == 0"], delivery.late: ["rate < 5%"], reconnect.failed: ["count == 0"] }';

test.each(engines)(
  'slow-consumer (%s): the slow one is closed with 4500, what it missed is proven to be its own lag, and nobody else misses or waits',
  async (engine) => {
    const own = [`clients[2].engine=${engine}`, 'clients[2].recover=false'];
    const result = await perform(place, 'slow-consumer', ...few, ...fastFeed, ...own, counted);
    expect(result).toMatchObject({ code: 0, verdict: 'pass', inferredByCause: {} });
    expect(result.missingByCause['slow-consumer']).toBeGreaterThan(0);
    expect(result.faults.map(({ type, observed }) => `${type} ${observed}`)).toEqual(['stall true', 'heal-stall true']);
    expect(result.faults[0]?.droppedClients).toBe(1);
    const { events, history } = readRun(place);
    const journals = events.find((event) => event.type === 'journals-read');
    const closed = Object.values(journals?.testimony.sessions ?? {});
    expect(closed.filter(([, code]) => code === 4500)).toHaveLength(1);
    // Everybody else got every message exactly once.
    const [lost, ...more] = history.sessions.filter(isUnwanted);
    expect(more).toEqual([]);
    const { committed } = new HistoryReading(history);
    expect(committed.length).toBeGreaterThan(1_000);
    for (const { arrivals, subscribers } of committed) {
      const others = subscribers.filter((client) => client !== lost?.client);
      const heard = arrivals.map(({ subscriber }) => subscriber).filter((client) => client !== lost?.client);
      expect(heard.sort((one, other) => one - other)).toEqual(others);
    }
  },
);

test.each([
  ['lean', 0],
  ['stompjs', 1],
] as const)('who does not read hears no heart-beats: %s loses %i connections to that', async (engine, count) => {
  const idle = ['clients[1].send.every=1s', 'clients[2].count=3', `clients[2].engine=${engine}`];
  const beats = ['clients[2].heartbeat=3s', 'steps[0].at=1s', 'steps[0].for=14s', 'duration=17s', 'drain.quiet=1s'];
  const result = await perform(place, 'slow-consumer', ...few, ...idle, ...beats, counted);
  expect(result).toMatchObject({ code: 0, verdict: 'pass', delivery: { missing: 0 }, reconnect: { count } });
  expect(result.faults.map(({ type, droppedClients }) => [type, droppedClients])).toEqual([
    ['stall', count],
    ['heal-stall', 0],
  ]);
  // No server closed it: the library gave it up.
  const lost = readRun(place).history.sessions.filter(isUnwanted);
  expect(lost.map((session) => session.closeCode)).toEqual(new Array(count).fill(1006));
});

test('clients who do not read and whose worker is killed are gone, and nothing is said to be left undone', async () => {
  const steps = 'steps=[{ at: 500ms, stall: chatters }]';
  const { says, ended } = place.start(['run', 'smoke', '--out', 'out', ...set(...few, 'duration=50s', steps)]);
  await says(/load \d+\.\d/);
  const isWorker = (pid: number): boolean => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('\0worker\0');
  for (const pid of place.processes().filter(isWorker)) process.kill(pid, 'SIGKILL');
  const { code, stdout, stderr } = await ended;
  expect(code).toBe(3);
  expect(stdout).toContain('ended in the middle of the run');
  expect(`${stdout}${stderr}`).not.toContain('could not be undone');
  expect(place.result('out').faults).toMatchObject([{ type: 'stall', observed: true }]);
});

function isUnwanted(fact: SessionFact): fact is SessionClosed {
  return fact.type === 'session-closed' && !fact.intended;
}

/** What a run in `out` wrote down. */
function readRun({ cwd }: Place): { readonly events: readonly RecordLine[]; readonly history: HistoryRows } {
  const text = readFileSync(join(cwd, 'out', 'events.ndjson'), 'utf8');
  const events = text
    .trimEnd()
    .split('\n')
    .map((line): RecordLine => JSON.parse(line));
  return { events, history: readRecording('out', text, false) };
}
