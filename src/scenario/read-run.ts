import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../core/errors.js';
import type { LatencyWindow } from '../record/latency-windows.js';
import { readDocument } from '../record/read-document.js';
import { type Result, resultSchema } from '../record/result.js';
import { rebuildRun } from './rebuild.js';

export const resultFile = 'result.json';

/** A run as it was found on disk. */
export interface ReadRun {
  readonly folder: string;
  readonly result: Result;
  /** Empty where the events do not go to the end of the run. */
  readonly windows: readonly LatencyWindow[];
  /** What a reader must know about the evidence, as a sentence; undefined when it is whole. */
  readonly note: string | undefined;
}

/**
 * Rebuilds a run from its events. Where these end before the run did, or cannot be used, the result that the run wrote
 * itself takes their place if there is one: it was judged with all evidence.
 * @throws AppError `not-found`, `results-unreadable`
 */
export async function readRun(folder: string): Promise<ReadRun> {
  const rebuilt = await rebuildRun(folder).catch(asProblem);
  if (!(rebuilt instanceof AppError)) {
    const { result, windows, isCut } = rebuilt;
    if (!isCut) return { folder, result, windows, note: undefined };
    const own = await readResult(folder);
    // One that was made from the cut record afterwards tells nothing more than that.
    const isSame = isDeepStrictEqual(own, JSON.parse(JSON.stringify(result)));
    if (own === undefined || isSame) return { folder, result, windows: [], note: undefined };
    return { folder, result: own, windows: [], note: `${result.reasons[0]}${instead}` };
  }
  const own = await readResult(folder).catch(() => undefined);
  if (own === undefined) throw rebuilt;
  return { folder, result: own, windows: [], note: `${rebuilt.message.replace(/\.$/, '')}${instead}` };
}

const instead = '; this is the result that the run wrote itself';

function readResult(folder: string): Promise<Result | undefined> {
  return readDocument<Result>(join(folder, resultFile), resultSchema);
}

/** What is wrong with the events; any other failure is one of ours. */
function asProblem(error: unknown): AppError {
  if (error instanceof AppError && (error.code === 'not-found' || error.code === 'results-unreadable')) return error;
  throw error;
}
