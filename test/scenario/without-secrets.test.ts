import { expect, test } from 'vitest';
import { parseScenario } from '../../src/scenario/parse.js';
import { withoutSecrets } from '../../src/scenario/without-secrets.js';

const base = 'version: 1\nname: x\nduration: 10s\nclients: [{ name: a, count: 1, subscribe: /a }]\n';

test.each([
  'cluster: { broker: "stomp://u:canary@h:1" }',
  'cluster: { sessions: "redis://:canary@h:1" }',
  'target: { urls: ["ws://u:canary@h/ws", "ws://h/ws?token=canary"] }',
  'target: { urls: ["ws://h/ws"], login: canary, passcode: canary, headers: { Cookie: a=canary, X-Key: canary } }',
])('what a run writes down of %s does not let a stranger in', (block) => {
  const parsed = parseScenario(base + block, 'f.yaml');
  if (parsed.type !== 'scenario') throw new Error(JSON.stringify(parsed.issues));
  expect(JSON.stringify(parsed.scenario)).toContain('canary');
  expect(JSON.stringify(withoutSecrets(parsed.scenario))).not.toContain('canary');
});

test('nothing else is changed', () => {
  const parsed = parseScenario(base, 'f.yaml');
  if (parsed.type !== 'scenario') throw new Error(JSON.stringify(parsed.issues));
  expect(withoutSecrets(parsed.scenario)).toEqual(parsed.scenario);
});
