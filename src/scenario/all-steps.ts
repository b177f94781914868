import type { Scenario, Step } from './scenario.js';

/** Every step that may happen: those that are written down, and those that chaos chooses from. */
export function allSteps({ steps, chaos }: Pick<Scenario, 'steps' | 'chaos'>): readonly Step[] {
  return [...steps, ...chaos.flatMap(({ faults }) => faults)];
}
