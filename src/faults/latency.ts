import { createRandom } from '../core/random.js';
import type { Fault } from './fault.js';
import { onOption } from './on-option.js';
import type { FaultOptions } from './option.js';
import { toxicTraits } from './toxic-traits.js';

const options = {
  on: onOption,
  delay: {
    type: 'duration',
    description: 'With latency: how much later everything comes, each way; 100ms by default.',
    minMs: 0,
    default: 100,
  },
  jitter: {
    type: 'duration',
    description: 'With latency: by how much more or less than the delay, chosen by the seed; 0ms by default.',
    minMs: 0,
    default: 0,
  },
} as const satisfies FaultOptions;

/** Everything on the link comes later, each way and in its order; nothing is lost and no throughput. */
export const latencyFault: Fault<typeof options> = {
  verb: 'latency',
  description: 'Delay everything, each way',
  ...toxicTraits,
  options,
  async inject({ cluster, seed }, name, { on, delay, jitter }) {
    // Each node by itself: lines that jitter in step would be one line.
    const own = createRandom(seed)
      .fork(`latency ${name} ${on}`)
      .int(2 ** 32);
    await cluster.poison(name, on, { type: 'latency', delayMs: delay, jitterMs: jitter, seed: own });
  },
  heal: ({ cluster }, name, { on }) => cluster.cure(name, on, 'latency'),
};
