import type { Fault } from './fault.js';
import type { FaultOptions } from './option.js';

const options = {
  exec: {
    type: 'command',
    description: 'A command line of your own, as a list; it has happened when it ends with 0. Needs --allow-exec.',
  },
  undo: {
    type: 'command',
    description:
      'With exec: the command line that undoes it, after its for or at the end of the load, however that ends.',
    default: [],
  },
  node: {
    type: 'node',
    description: 'With exec: the node that it is done to, so that what is lost there counts to it; any by default.',
    default: '',
  },
  effect: {
    type: 'choice',
    description: 'With exec: disturbs (the default), or kills, which takes what the node had in memory with it.',
    values: ['disturbs', 'kills'],
    default: 'disturbs',
    isPlain: true,
  },
  timeout: {
    type: 'duration',
    description: 'With exec: how long each of its commands may take; 30s by default.',
    minMs: 1,
    default: 30_000,
  },
} as const satisfies FaultOptions;

/** Whatever a command of the user's does: restart a broker that runs elsewhere, kill a container, fill a disk. */
export const execFault: Fault<typeof options> = {
  verb: 'exec',
  description: 'Run a command, without a shell',
  target: 'command',
  options,
  endedBy: 'heal',
  traitsOf: ({ undo, effect }) => ({ lasts: undo.length > 0, killed: effect === 'kills' }),
  killed: false,
  disturbs: true,
  brings: false,
  inject: ({ run, abort }, _name, { exec, timeout }) => run(exec, timeout, abort),
  async heal({ run }, _name, { undo, timeout }) {
    if (undo.length > 0) await run(undo, timeout);
  },
};
