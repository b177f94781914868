import type { LinkSide } from '../cluster/link-side.js';
import { faultOf } from '../faults/registry.js';
import { allSteps } from './all-steps.js';
import type { Scenario } from './scenario.js';

/** The links that the steps may disturb; only those get a passage, which every byte then goes through. */
export function disturbedLinks(scenario: Pick<Scenario, 'steps' | 'chaos'>): readonly LinkSide[] {
  const sides = allSteps(scenario).flatMap(({ type, options }): readonly LinkSide[] => {
    const { target, disturbs } = faultOf(type);
    if (target === 'link') return [options['on'] === 'broker' ? 'broker' : 'clients'];
    return disturbs && target === 'broker-link' ? ['broker'] : [];
  });
  return [...new Set(sides)];
}
