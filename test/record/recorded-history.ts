import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/core/package-root.js';
import { type BatchJson, batchFromJson, batchToJson } from '../../src/record/batch-json.js';
import type { FactBatch, Plan, SessionFact } from '../../src/record/history.js';
import type { RecordLine } from '../../src/scenario/run-event.js';
import { batchOf, type HistoryEnd, type HistoryRows, rowsOf } from './history-rows.js';

/**
 * A run as it was recorded: the facts of all workers in the order in which they came, times in whole microseconds from
 * its first fact. Kept as columns, which is how it was written down and a fifth of the rows' size.
 */
interface Recording {
  readonly name: string;
  readonly plan: Plan;
  readonly end: HistoryEnd;
  readonly facts: BatchJson;
}

/** Shorter than that of the runs, so that a delay beyond it fits between a write and the end of a short recording. */
const deadlineMicros = 300_000;
/** How long the effects of a fault last, for recordings of clients who do not recover. */
const settleMicros = 2_500_000;

/**
 * Reads the `events.ndjson` of a run.
 * @param isExcused whether its contract excuses what goes wrong around a fault
 */
export function readRecording(name: string, events: string, isExcused: boolean): HistoryRows {
  const lines = events
    .trimEnd()
    .split('\n')
    .map((line): RecordLine => JSON.parse(line));
  const plan = lines.find((line) => line.type === 'system-ready')?.plan;
  const ended = lines.find((line) => line.type === 'run-ended');
  if (plan === undefined || ended === undefined) throw new Error(`${name} is no whole recording`);
  const facts = rowsOf(lines.flatMap((line) => (line.type === 'facts' ? [batchFromJson(line)] : [])));
  const firstMicros = Math.min(...facts.sessions.map(({ atMicros }) => atMicros));
  const injected = lines.flatMap((line) => (line.type === 'fault-injected' ? [line.injection] : []));
  const shift = (atMicros: number): number => Math.round(atMicros - firstMicros);
  const faults = injected
    .filter(({ disturbs }) => disturbs)
    .map(({ atMicros, killed, name: node }) => ({ node: plan.nodes.indexOf(node), atMicros: shift(atMicros), killed }));
  const excused = faults.map(({ atMicros }) => ({ fromMicros: atMicros, toMicros: atMicros + settleMicros }));
  const end = { nowMicros: shift(ended.atMicros), deadlineMicros, faults, excused: isExcused ? excused : [] };
  return { name, plan, ...shifted(facts, shift), end };
}

type Facts = Omit<HistoryRows, 'name' | 'plan' | 'end'>;

function shifted(facts: Facts, shift: (atMicros: number) => number): Facts {
  const session = (fact: SessionFact): SessionFact => {
    const moved = { ...fact, atMicros: shift(fact.atMicros) };
    return moved.type === 'session-closed' ? { ...moved, lastByteAtMicros: shift(moved.lastByteAtMicros) } : moved;
  };
  return {
    sessions: facts.sessions.map(session),
    publishes: facts.publishes.map((row) => ({
      ...row,
      intendedAtMicros: shift(row.intendedAtMicros),
      writtenAtMicros: shift(row.writtenAtMicros),
    })),
    settlements: facts.settlements.map((row) => ({ ...row, atMicros: shift(row.atMicros) })),
    arrivals: facts.arrivals.map((row) => ({ ...row, atMicros: shift(row.atMicros) })),
  };
}

/** The JSON that `keptRecordings` reads. */
export function writeRecording(history: HistoryRows): string {
  const { name, plan, end } = history;
  const recording: Recording = { name, plan, end, facts: batchToJson(batchOf(history)) };
  return `${JSON.stringify(recording)}\n`;
}

/** The recordings that are kept beside this file. */
export function keptRecordings(): HistoryRows[] {
  const folder = join(packageRoot(), 'test', 'record', 'recordings');
  return readdirSync(folder)
    .sort()
    .map((file) => {
      const { name, plan, end, facts } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Recording;
      const batch: FactBatch = batchFromJson(facts);
      return { name, plan, ...rowsOf([batch]), end };
    });
}
