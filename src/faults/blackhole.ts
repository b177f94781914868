import type { Fault } from './fault.js';
import { onOption } from './on-option.js';
import type { FaultOptions } from './option.js';
import { toxicTraits } from './toxic-traits.js';

const options = {
  on: onOption,
  direction: {
    type: 'choice',
    description: 'With blackhole: which way nothing comes through, both (the default), to-node, or from-node.',
    values: ['both', 'to-node', 'from-node'],
    default: 'both',
  },
} as const satisfies FaultOptions;

/**
 * The link is half open: bytes vanish, and no FIN or RST tells anybody; new connections hear nothing. When it heals,
 * each connection from which something vanished is reset, as by a machine that has forgotten it.
 */
export const blackholeFault: Fault<typeof options> = {
  verb: 'blackhole',
  description: 'Let everything vanish while connections stay open',
  ...toxicTraits,
  options,
  async inject({ cluster }, name, { on, direction }) {
    await cluster.poison(name, on, { type: 'blackhole', direction: wayOf(on, direction) });
  },
  heal: ({ cluster }, name, { on }) => cluster.cure(name, on, 'blackhole'),
};

/** A passage leads from who dials to who is dialled: clients dial the node, and the node dials the broker. */
function wayOf(on: 'clients' | 'broker', direction: 'both' | 'to-node' | 'from-node') {
  if (direction === 'both') return 'both';
  return (direction === 'to-node') === (on === 'clients') ? 'to-target' : 'from-target';
}
