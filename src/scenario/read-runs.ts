import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readDocument } from '../record/read-document.js';
import { type Repeat, repeatFile, repeatSchema, summarizeRepeat } from '../record/repeat.js';
import { type ReadRun, readRun } from './read-run.js';

/** What lies in a folder: one run, or the runs of a repetition. */
export interface ReadRuns {
  readonly runs: readonly ReadRun[];
  /** Of a repetition, made anew from its runs; undefined for a single run. */
  readonly repeat: Repeat | undefined;
}

/**
 * Reads a run, or all runs of a repetition, in the order in which they were made.
 * @throws AppError `not-found`, `results-unreadable`
 */
export async function readRuns(folder: string): Promise<ReadRuns> {
  const names = await repeatedNames(folder);
  if (names.length === 0) return { runs: [await readRun(folder)], repeat: undefined };
  const runs: ReadRun[] = [];
  for (const name of names) runs.push(await readRun(join(folder, name)));
  const kept = await readDocument<Repeat>(join(folder, repeatFile), repeatSchema);
  const results = runs.map(({ result }, index) => ({ folder: names[index] ?? '', result }));
  const name = runs[0]?.result.name ?? '';
  return { runs, repeat: summarizeRepeat(results, { name, times: Math.max(kept?.times ?? 0, runs.length) }) };
}

async function repeatedNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const numbered = names.flatMap((name) => (/^run-\d{1,3}$/.test(name) ? [Number(name.slice(4))] : []));
  return numbered.sort((a, b) => a - b).map((number) => `run-${number}`);
}
