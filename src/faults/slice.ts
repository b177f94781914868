import type { Fault } from './fault.js';
import { onOption } from './on-option.js';
import type { FaultOptions } from './option.js';
import { toxicTraits } from './toxic-traits.js';

const options = {
  on: onOption,
  size: {
    type: 'size',
    description: 'With slice: how much each write has; 1B by default.',
    minBytes: 1,
    maxBytes: 65_536,
    default: 1,
  },
} as const satisfies FaultOptions;

/** Bytes come in small writes, so that no frame arrives in one piece; nothing is lost. */
export const sliceFault: Fault<typeof options> = {
  verb: 'slice',
  description: 'Tear what is sent into small writes, each way',
  ...toxicTraits,
  options,
  async inject({ cluster }, name, { on, size }) {
    await cluster.poison(name, on, { type: 'slice', sizeBytes: size });
  },
  heal: ({ cluster }, name, { on }) => cluster.cure(name, on, 'slice'),
};
