import { AppError, messageOf } from '../core/errors.js';

/** The error of results that cannot be kept. */
export function unwritable(path: string, cause: unknown): AppError {
  return new AppError('results-unwritable', `The results cannot be written to ${path}: ${messageOf(cause)}.`, {
    hint: 'Free some space, or name another folder with --out.',
    cause,
  });
}

/** What is said at once when the disk takes no more events. */
export function recordLost(folder: string, error: Error): AppError {
  return new AppError(
    'results-unwritable',
    `The record of the run in ${folder} ends here: ${messageOf(error)}. The run goes on, and its verdict is not touched.`,
    { hint: 'A report from this record will be partial. Free some space, or name another folder with --out.' },
  );
}
