import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunFolder } from '../../src/record/run-folder.js';
import { writeWholeFile } from '../../src/record/whole-file.js';
import { formatJson } from '../../src/report/json.js';
import { parseScenario } from '../../src/scenario/parse.js';
import { readRun } from '../../src/scenario/read-run.js';
import { rebuildRun } from '../../src/scenario/rebuild.js';
import { eventsSchema, type RunEvent } from '../../src/scenario/run-event.js';
import { createHistoryWriter, type HistoryWriter, planOf } from '../record/history-writer.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rebuild-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const plan = planOf(2, 2);
const client = '{ name: a, count: 2, subscribe: /topic/a, send: { to: /topic/a, every: 1s } }';
const thresholds = 'thresholds: { delivery.missing: ["count == 0"] }';
const parsed = parseScenario(
  `version: 1\nname: told\nduration: 60s\nclients: [${client}]\ncontract: at-least-once\n${thresholds}\n`,
  'told.yaml',
);
if (parsed.type !== 'scenario') throw new Error(JSON.stringify(parsed.issues));
const { scenario } = parsed;
const about = {
  ...{ version: '0', node: '0', platform: 'any', cpus: 1, startedAt: '2026-01-01T00:00:00.000Z' },
  ...{ scenario: 'told.yaml', command: 'npx cluster-chat run told.yaml --seed 1' },
};

const beginning: readonly RunEvent[] = [
  { type: 'run-started', schema: eventsSchema, seed: 1, workers: 1, about, scenario },
  { type: 'system-ready', plan, nodes: 2, brokerKind: 'embedded', balancerKind: 'none' },
  { type: 'load-started', atMicros: 10_000_000 },
];

/** Two clients on two nodes, and what happened to them; each text appended as it is. */
async function tell(history: (writer: HistoryWriter) => HistoryWriter, ...more: readonly (RunEvent | string)[]) {
  await using run = await RunFolder.create(folder);
  for (const event of beginning) run.event(event);
  run.facts(history(createHistoryWriter().everybodyOnline(plan, (index) => index)).take());
  for (const event of more) if (typeof event !== 'string') run.event(event);
  await run.close();
  for (const text of more) if (typeof text === 'string') await appendFile(join(folder, 'events.ndjson'), text);
}

/** One message to both, and one that client 1 never gets. */
const oneLost = (writer: HistoryWriter): HistoryWriter =>
  writer
    .sent([0, 1, 0, 1], 10_000)
    .arrived(0, 1, [0, 1, 0, 1], 10_002)
    .arrived(1, 1, [0, 1, 0, 1], 10_003)
    .sent([0, 1, 0, 2], 11_000)
    .arrived(0, 1, [0, 1, 0, 2], 11_002);

describe('a run that came to its end', () => {
  it('is judged by all of its evidence, and what follows its end is not read', async () => {
    await tell(oneLost, { type: 'drained', complete: true }, { type: 'run-ended', atMicros: 20_000_000 }, 'garbage\n');
    const { result, isCut } = await rebuildRun(folder);
    expect(isCut).toBe(false);
    expect(result).toMatchObject({ verdict: 'fail', partial: false, seed: 1, name: 'told' });
    expect(result.delivery).toMatchObject({ sent: 2, once: 3, missing: 1, requiredMissing: 1 });
    expect(result.figures).toMatchObject({ 'delivery.missing count': 1, 'delivery.once rate': 0.75 });
    expect(result.manifest).toMatchObject({ ...about, nodes: 2, clients: 2, durationMs: 10_000 });
  });

  it('is inconclusive when the load was ended early for want of what came late', async () => {
    await tell(
      (writer) => oneLost(writer).arrived(1, 1, [0, 1, 0, 2], 17_000),
      { type: 'threshold-crossed', index: 0, actual: 1 },
      { type: 'drained', complete: true },
      { type: 'run-ended', atMicros: 20_000_000 },
    );
    const { result } = await rebuildRun(folder);
    expect(result).toMatchObject({ verdict: 'inconclusive', partial: true, delivery: { late: 1, missing: 0 } });
    expect(result.reasons).toEqual([
      'the load was ended early by the threshold delivery.missing count == 0, which holds after all',
    ]);
  });

  it('lines of a type that only a later version knows are passed over', async () => {
    const later = '{"type":"from-the-future","atMicros":1e12}\n';
    const end = '{"type":"run-ended","atMicros":20000000}\n';
    await tell(oneLost, { type: 'drained', complete: true }, later, end);
    expect((await rebuildRun(folder)).result.delivery).toMatchObject({ once: 3, missing: 1 });
  });
});

describe('a run whose record ends before it did', () => {
  it('is partial and inconclusive, says so first, and shows what was known', async () => {
    await tell(oneLost, { type: 'tick', atMicros: 17_000_000 });
    const { result, isCut } = await rebuildRun(folder);
    expect(isCut).toBe(true);
    expect(result).toMatchObject({ verdict: 'inconclusive', partial: true });
    expect(result.reasons).toEqual([
      'evidence was cut: the record ends 7.00s after the start of the load, before the run did; ' +
        'messages of its last 5.00s are not counted',
      'until then: contract at-least-once: 1 required delivery missing',
    ]);
    expect(result.delivery).toMatchObject({ sent: 2, once: 3, missing: 1 });
    expect(result.thresholds).toMatchObject([{ actual: 1, ok: false, inconclusive: true }]);
  });

  it('counts no message that may have been on its way, whatever half of it was recorded', async () => {
    await tell(
      (writer) =>
        oneLost(writer)
          // Too young; and of one only the arrival, of another only the receipt came from its worker in time.
          .sent([0, 1, 0, 3], 14_000)
          .arrived(1, 1, [0, 1, 0, 3], 14_002)
          .arrived(0, 1, [0, 1, 0, 4], 16_001)
          .settled([0, 1, 0, 5], 1, 16_500)
          // Old, and late: it counts.
          .sent([1, 1, 0, 1], 11_500)
          .arrived(0, 1, [1, 1, 0, 1], 11_501)
          .arrived(1, 1, [1, 1, 0, 1], 16_800),
      { type: 'tick', atMicros: 17_000_000 },
    );
    const { delivery } = (await rebuildRun(folder)).result;
    expect(delivery).toMatchObject({ sent: 3, once: 4, late: 1, missing: 1, unexpected: 0, attempted: 6 });
  });

  it.each([
    ['a half line', '{"type":"run-en', 'before the run did'],
    ['a line that is no JSON', '\u0000\u0000\n{"type":"run-ended","atMicros":20000000}\n', 'line 6 is damaged'],
    ['facts that are none', '{"type":"facts"}\n{"type":"run-ended","atMicros":20000000}\n', 'line 6 is damaged'],
  ])('%s ends it', async (_, text, why) => {
    await tell(oneLost, { type: 'tick', atMicros: 17_000_000 }, text);
    const { result } = await rebuildRun(folder);
    expect(result.reasons[0]).toContain(why);
    expect(result.delivery).toMatchObject({ sent: 2, once: 3, missing: 1 });
  });

  it('facts that contradict the plan end it before they are counted', async () => {
    const stranger = createHistoryWriter().sent([9, 1, 0, 1], 15_000).take();
    await tell(oneLost, { type: 'tick', atMicros: 17_000_000 });
    const other = await mkdtemp(join(folder, 'other-'));
    await using run = await RunFolder.create(other);
    run.facts(stranger);
    await run.close();
    await appendFile(join(folder, 'events.ndjson'), await readFile(join(other, 'events.ndjson')));
    const { result } = await rebuildRun(folder);
    expect(result.reasons[0]).toContain('because line 6 is damaged');
    expect(result.delivery).toMatchObject({ sent: 2, missing: 1 });
  });

  it('gives way to the result that the run wrote itself', async () => {
    await tell(oneLost, { type: 'drained', complete: true }, { type: 'run-ended', atMicros: 20_000_000 });
    const { result } = await rebuildRun(folder);
    await writeWholeFile(join(folder, 'result.json'), JSON.stringify(result));
    const events = await readFile(join(folder, 'events.ndjson'), 'utf8');
    await writeFile(join(folder, 'events.ndjson'), events.slice(0, -4));
    const read = await readRun(folder);
    expect(read.result).toEqual(result);
    expect(read.note).toMatch(/^evidence was cut: .*; this is the result that the run wrote itself$/);
    await rm(join(folder, 'events.ndjson'));
    expect(await readRun(folder)).toMatchObject({ result, note: expect.stringMatching(/^There are no events at /) });
  });
});

it('a result that was made from a cut record afterwards does not pass for the one that the run wrote', async () => {
  await tell(oneLost, { type: 'tick', atMicros: 17_000_000 });
  const { result, note } = await readRun(folder);
  expect({ partial: result.partial, note }).toEqual({ partial: true, note: undefined });
  await writeWholeFile(join(folder, 'result.json'), formatJson(result));
  expect(await readRun(folder)).toEqual({ folder, result, windows: [], note: undefined });
});

describe('what cannot be used is refused with its cure', () => {
  it.each([
    ['an empty file', '', 'results-unreadable', /it is empty/],
    ['a file of something else', 'hello\n', 'results-unreadable', /its first line is no JSON/],
    ['JSON of something else', '{"type":"noted"}\n', 'results-unreadable', /it does not begin with a run/],
    [
      'a schema to come',
      '{"type":"run-started","schema":"cluster-chat/events@2"}\n',
      'results-unreadable',
      /its schema is cluster-chat\/events@2/,
    ],
    [
      'a run that ended before its load',
      `${JSON.stringify(beginning[0])}\n`,
      'results-unreadable',
      /ended before its load began/,
    ],
  ] as const)('%s', async (_, text, code, message) => {
    await writeFile(join(folder, 'events.ndjson'), text);
    await expect(rebuildRun(folder)).rejects.toMatchObject({
      ...{ code, message: expect.stringMatching(message), hint: expect.any(String) },
    });
  });

  it('a folder without events', async () => {
    await expect(rebuildRun(folder)).rejects.toMatchObject({ code: 'not-found', hint: expect.any(String) });
    await writeFile(join(folder, 'result.json'), '{"schema":"cluster-chat/result@7"}');
    await expect(readRun(folder)).rejects.toMatchObject({ code: 'not-found' });
  });
});
