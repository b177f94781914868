import { AppError } from '../core/errors.js';

/** A fault that met none of a group's clients did not happen. */
export function expectMet(group: string, met: number | undefined): void {
  if (met === undefined || met === 0) throw new AppError('control-failed', `no client of ${group} was connected`);
}
