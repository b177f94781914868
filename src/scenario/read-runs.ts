import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../core/errors.js';
import { readDocument } from '../record/read-document.js';
import { type Repeat, repeatFile, repeatSchema, summarizeRepeat } from '../record/repeat.js';
import { type ReadRun, readRun } from './read-run.js';

/** What lies in a folder: one run, or the runs of a repetition. */
export interface ReadRuns {
  readonly runs: readonly ReadRun[];
  /** Of a repetition, made anew from its runs; undefined for a single run. */
  readonly repeat: Repeat | undefined;
  /** What a reader must know of the evidence, as sentences. */
  readonly notes: readonly string[];
}

/**
 * Reads a run, or all runs of a repetition, in the order in which they were made.
 * @throws AppError `not-found`, `results-unreadable`
 */
export async function readRuns(folder: string): Promise<ReadRuns> {
  const names = await repeatedNames(folder);
  if (names.length === 0) {
    const run = await readRun(folder);
    return { runs: [run], repeat: undefined, notes: run.note === undefined ? [] : [run.note] };
  }
  const kept = await readDocument<Repeat>(join(folder, repeatFile), repeatSchema);
  const runs: { readonly folder: string; readonly run: ReadRun }[] = [];
  const notes: string[] = [];
  for (const name of names) {
    try {
      const run = await readRun(join(folder, name));
      runs.push({ folder: name, run });
      if (run.note !== undefined) notes.push(`${name}: ${run.note}`);
    } catch (error) {
      // The last one of a repetition that was ended at once may not have come to its load.
      if (!(error instanceof AppError) || runs.length === 0) throw error;
      notes.push(`${name} is left out: ${error.message}`);
    }
  }
  const results = runs.map(({ folder: name, run }) => ({ folder: name, result: run.result }));
  const name = runs[0]?.run.result.name ?? '';
  const repeat = summarizeRepeat(results, { name, times: Math.max(kept?.times ?? 0, names.length) });
  return { runs: runs.map(({ run }) => run), repeat, notes };
}

async function repeatedNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const numbered = names.flatMap((name) => (/^run-\d{1,3}$/.test(name) ? [Number(name.slice(4))] : []));
  return numbered.sort((a, b) => a - b).map((number) => `run-${number}`);
}
