import { AppError, messageOf } from '../core/errors.js';

/** The error of results that cannot be kept. */
export function unwritable(path: string, cause: unknown): AppError {
  return new AppError('results-unwritable', `The results cannot be written to ${path}: ${messageOf(cause)}.`, {
    hint: 'Free some space, or name another folder with --out.',
    cause,
  });
}
