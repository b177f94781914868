import type { LinkSide } from '../cluster/link-side.js';
import { faultOf } from '../faults/registry.js';
import type { Step } from './scenario.js';

/** The links that the steps disturb; only those get a passage, which every byte then goes through. */
export function disturbedLinks(steps: readonly Step[]): readonly LinkSide[] {
  const sides = steps.flatMap(({ type, options }): readonly LinkSide[] => {
    const { target, disturbs } = faultOf(type);
    if (target === 'link') return [options['on'] === 'broker' ? 'broker' : 'clients'];
    return disturbs && target === 'broker-link' ? ['broker'] : [];
  });
  return [...new Set(sides)];
}
