import { AppError } from '../core/errors.js';
import type { Fault } from './fault.js';

/** The disk is full for the events of the run: its record ends here, and nothing else does. It cannot be undone. */
export const fillFault: Fault = {
  verb: 'fill',
  description: 'Let the disk be full for the record of the run itself',
  target: 'results',
  options: {},
  killed: false,
  disturbs: false,
  brings: false,
  async inject({ record }) {
    if (record === undefined) throw new AppError('control-failed', 'this run keeps no record');
    await record.fill();
  },
};
