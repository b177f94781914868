import type { Random } from '../core/random.js';
import type { Chaos, Step } from './scenario.js';

/** A fault of a chaos, with the names that the seed chose. */
export type PlannedStep = Step & { readonly targets: readonly string[] };

/**
 * The faults of a chaos in their order, at times and to nodes that only the seed decides. Times keep the gap, and where
 * each fault has ended by then the number of those that go on.
 */
export function planChaos(chaos: Chaos, nodes: readonly string[], durationMs: number, random: Random): PlannedStep[] {
  const { atMs, budget, gapMs, atOnce, faults } = chaos;
  const longestMs = Math.max(0, ...faults.map(({ forMs }) => forMs ?? 0));
  const apartMs = Math.max(gapMs, longestMs / atOnce);
  // What is left when all stand as close as they may; it is spread between them.
  const spareMs = Math.max(0, durationMs - atMs - longestMs - (budget - 1) * apartMs);
  const offsets = Array.from({ length: budget }, () => random.next() * spareMs).sort((a, b) => a - b);
  const planned: PlannedStep[] = [];
  for (const [index, offset] of offsets.entries()) {
    const fault = faults[random.int(faults.length)];
    if (fault === undefined) throw new Error('a chaos without faults passed the checks');
    const busy = planned.slice(Math.max(0, index - atOnce + 1)).flatMap(({ targets }) => targets);
    const targets = fault.targets === 'random' ? [chooseNode(nodes, busy, random)] : fault.targets;
    planned.push({ ...fault, atMs: atMs + index * apartMs + offset, targets });
  }
  return planned;
}

/** One that nothing is done to at the time, where there is one. */
function chooseNode(nodes: readonly string[], busy: readonly string[], random: Random): string {
  const free = nodes.filter((node) => !busy.includes(node));
  const choice = free.length === 0 ? nodes : free;
  return choice[random.int(choice.length)] ?? '';
}
