import { expect, test } from 'vitest';
import { parseScenario } from '../../src/scenario/parse.js';
import { checkDescriptors } from '../../src/scenario/preflight.js';
import type { Scenario } from '../../src/scenario/scenario.js';

function scenarioWith(...lines: readonly string[]): Scenario {
  const clients = 'clients: [{ name: a, count: 200, subscribe: /topic/a }]';
  const parsed = parseScenario(['version: 1', 'name: x', 'duration: 60s', clients, ...lines].join('\n'), 'f.yaml');
  if (parsed.type === 'issues') throw new Error(parsed.issues.map(({ message }) => message).join('\n'));
  return parsed.scenario;
}

test.each([
  ['a step', 'steps: [{ at: 1s, reset: node-1, on: clients }]'],
  ['chaos', 'steps: [{ at: 1s, chaos: { faults: [{ reset: node-1, on: clients }], budget: 1, gap: 1s } }]'],
])('a link to the clients that %s disturbs takes descriptors of its passages', (_, steps) => {
  // Enough for everything else.
  const limit = 600;
  checkDescriptors(scenarioWith(), 1, limit);
  expect(() => checkDescriptors(scenarioWith(steps), 1, limit)).toThrow(
    'the process of the passages needs 864 file descriptors',
  );
});
