import { AppError } from '../core/errors.js';
import type { Fault, FillablePart } from './fault.js';

/** What a step can name, and what of the run's folder that means. */
const partsByName: ReadonlyMap<string, readonly FillablePart[]> = new Map([
  ['results', ['events', 'reports']],
  ['events', ['events']],
  ['reports', ['reports']],
]);

/** The names of what can be filled; the first means all of it. */
export const fillableNames: readonly string[] = [...partsByName.keys()];

/**
 * The disk is full for what the run leaves behind: its record ends here, or its reports cannot be written at its end.
 * Nothing else ends, and it cannot be undone.
 */
export const fillFault: Fault = {
  verb: 'fill',
  description: 'Let the disk be full for what the run itself leaves behind',
  target: 'results',
  options: {},
  killed: false,
  disturbs: false,
  brings: false,
  async inject({ record }, name) {
    if (record === undefined) throw new AppError('control-failed', 'this run keeps no record');
    for (const part of partsByName.get(name) ?? []) await record.fill(part);
  },
};
