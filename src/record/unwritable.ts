import { AppError, messageOf } from '../core/errors.js';

/** The error of results that cannot be kept. */
export function unwritable(path: string, cause: unknown): AppError {
  return new AppError('results-unwritable', `The results cannot be written to ${path}: ${messageOf(cause)}.`, {
    hint: 'Free some space, or name another folder with --out.',
    cause,
  });
}

/**
 * What is said of a file that a run was to leave at its end and that cannot be written.
 * @param again the command that makes it again; undefined where nothing can
 */
export function reportLost(path: string, cause: unknown, again: string | undefined): AppError {
  const hint =
    again === undefined
      ? 'The record of the run is cut too, so that it cannot be made again. Free some space, or name another folder with --out.'
      : `Free some space, then make it again: ${again}`;
  return new AppError('results-unwritable', `${path} cannot be written: ${messageOf(cause)}.`, { hint, cause });
}

/** What is said at once when the disk takes no more events. */
export function recordLost(folder: string, error: Error): AppError {
  return new AppError(
    'results-unwritable',
    `The record of the run in ${folder} ends here: ${messageOf(error)}. The run goes on, and its verdict is not touched.`,
    { hint: 'A report from this record will be partial. Free some space, or name another folder with --out.' },
  );
}
