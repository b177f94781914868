import type { Fault } from './fault.js';
import { onOption } from './on-option.js';
import type { FaultOptions } from './option.js';
import { toxicTraits } from './toxic-traits.js';

const options = {
  on: onOption,
  rate: {
    type: 'size',
    description: 'With bandwidth: how much all connections of the link carry together in a second, each way.',
    minBytes: 100,
    maxBytes: 1_073_741_824,
  },
} as const satisfies FaultOptions;

/** The link carries so much a second, each way; who sends more is held up, and nothing is lost on the way. */
export const bandwidthFault: Fault<typeof options> = {
  verb: 'bandwidth',
  description: 'Carry only so much, each way',
  ...toxicTraits,
  options,
  async inject({ cluster }, name, { on, rate }) {
    await cluster.poison(name, on, { type: 'bandwidth', bytesPerSecond: rate });
  },
  heal: ({ cluster }, name, { on }) => cluster.cure(name, on, 'bandwidth'),
};
