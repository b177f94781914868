import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { type PlannedStep, planChaos } from '../../src/scenario/chaos.js';
import type { Chaos, Step } from '../../src/scenario/scenario.js';

const nodes = ['node-1', 'node-2', 'node-3'];
const common = { atMs: 0, options: {}, line: null };
const kill: Step = { ...common, type: 'kill', targets: 'random', forMs: 1000 };
const reset: Step = { ...common, type: 'reset', targets: ['node-2'], forMs: undefined };

/** That fits into a minute. */
const chaoses: fc.Arbitrary<Chaos> = fc
  .record({ atMs: fc.nat(20_000), budget: fc.integer({ min: 1, max: 8 }), gapMs: fc.nat(4000) })
  .chain((some) => fc.integer({ min: 1, max: 3 }).map((atOnce) => ({ ...some, atOnce, faults: [kill, reset] })));

function plan(chaos: Chaos, seed: number): PlannedStep[] {
  return planChaos(chaos, nodes, 60_000, createRandom(seed));
}

test('a chaos does as many faults as its budget, within the load, in order, and at least so far apart', () => {
  fc.assert(
    fc.property(chaoses, fc.nat(), (chaos, seed) => {
      const planned = plan(chaos, seed);
      expect(planned).toHaveLength(chaos.budget);
      const times = planned.map(({ atMs }) => atMs);
      expect(Math.min(...times)).toBeGreaterThanOrEqual(chaos.atMs);
      expect(Math.max(...planned.map(({ atMs, forMs = 0 }) => atMs + forMs))).toBeLessThanOrEqual(60_000);
      for (const [index, atMs] of times.slice(1).entries()) {
        expect(atMs - (times[index] ?? 0)).toBeGreaterThanOrEqual(chaos.gapMs - 1e-6);
      }
    }),
  );
});

test('no more of them go on at a time than allowed, as far as they take their time', () => {
  fc.assert(
    fc.property(chaoses, fc.nat(), (chaos, seed) => {
      const planned = plan(chaos, seed);
      for (const { atMs } of planned) {
        const going = planned.filter((each) => each.atMs <= atMs && atMs < each.atMs + (each.forMs ?? 0) - 1e-6);
        expect(going.length).toBeLessThanOrEqual(chaos.atOnce);
      }
    }),
  );
});

test('the same seed makes the same chaos, and another one another', () => {
  const chaos = { atMs: 0, budget: 6, gapMs: 2000, atOnce: 1, faults: [kill, reset] };
  expect(plan(chaos, 7)).toEqual(plan(chaos, 7));
  expect(plan(chaos, 8)).not.toEqual(plan(chaos, 7));
  expect(new Set(plan(chaos, 7).map(({ type }) => type))).toEqual(new Set(['kill', 'reset']));
});
