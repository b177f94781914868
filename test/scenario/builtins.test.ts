import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatIssue } from '../../src/scenario/issue.js';
import { scenarioJsonSchema } from '../../src/scenario/json-schema.js';
import { parseScenario } from '../../src/scenario/parse.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { scenarioError } from '../../src/scenario/scenario-error.js';
import { builtinsFolder, listBuiltins, readScenario } from '../../src/scenario/source.js';

async function load(name: string, overrides: readonly string[] = []): Promise<Scenario> {
  const { file, text } = await readScenario(name, builtinsFolder());
  const parsed = parseScenario(text, file, overrides);
  if (parsed.type === 'issues') throw new Error(parsed.issues.map(formatIssue).join('\n'));
  return parsed.scenario;
}

describe('the built-in scenarios', () => {
  it('each say in their first line what they show', async () => {
    const builtins = await listBuiltins();
    expect(builtins.map(({ name }) => name)).toEqual([
      'broker-cut',
      'broker-restart',
      'failover',
      'half-open',
      'hung-node',
      'private-message-failover',
      'rolling-restart',
      'session-failover',
      'simple-broker',
      'slow-consumer',
      'slow-network',
      'smoke',
      'soak',
      'split-brain',
      'ten-thousand',
      'thundering-herd',
    ]);
    for (const { summary } of builtins) expect(summary).toMatch(/^[A-Z].{20,110}\.$/);
  });

  it('are all valid', async () => {
    for (const { name } of await listBuiltins()) expect((await load(name)).version).toBe(1);
  });

  it('stay valid with the changes that their comments propose', async () => {
    for (const { name, path } of await listBuiltins()) {
      const text = await readFile(path, 'utf8');
      for (const [, override = ''] of text.matchAll(/^#.*--set '?([^'\n]+)'?$/gm)) {
        expect((await load(name, [override])).version).toBe(1);
      }
    }
  });

  it('parse into a scenario with every default filled in', async () => {
    expect(await load('failover')).toEqual({
      version: 1,
      name: 'one node dies, nobody loses a message',
      seed: 4711,
      system: {
        type: 'cluster',
        nodes: 3,
        broker: 'embedded',
        historyMs: undefined,
        sessions: 'memory',
        balancer: { kind: 'embedded', policy: 'round-robin' },
        program: undefined,
        port: 0,
        readyTimeoutMs: 15_000,
      },
      clients: [
        {
          name: 'chatters',
          count: 300,
          rooms: 30,
          user: undefined,
          subscribe: ['/topic/{room}.public.messages'],
          send: {
            to: '/topic/{room}.public.messages',
            everyMs: 1000,
            sizeBytes: 200,
            receipt: true,
            schedule: 'fixed',
            start: 'spread',
          },
          connect: { ratePerSecond: undefined, via: 'balancer' },
          reconnect: { profile: 'full-jitter', minMs: 100, maxMs: 5000, delayMs: undefined, resubscribes: true },
          recover: true,
          engine: 'lean',
          session: false,
          heartbeatMs: 10_000,
          crash: false,
        },
      ],
      warmupMs: 5000,
      durationMs: 40_000,
      drain: { quietMs: 10_000 },
      fenceTimeoutMs: 5000,
      deadlineMs: 5000,
      steps: [
        {
          type: 'kill',
          atMs: 10_000,
          targets: ['node-2'],
          line: 22,
          options: { signal: 'SIGKILL', moment: 'at-once' },
        },
        { type: 'start', atMs: 20_000, targets: ['node-2'], line: 24, options: {} },
      ],
      contract: 'at-least-once',
      chaos: [],
      settleMs: 5000,
      thresholds: [
        {
          metric: 'delivery.latency',
          text: 'p(99) < 250ms',
          expression: { aggregate: { type: 'quantile', percent: 99 }, operator: '<', bound: 250 },
          abortOnFail: false,
          line: 28,
        },
        {
          metric: 'delivery.latency',
          text: 'max < 5s',
          expression: { aggregate: { type: 'max' }, operator: '<', bound: 5000 },
          abortOnFail: true,
          line: 28,
        },
        {
          metric: 'delivery.missing',
          text: 'count == 0',
          expression: { aggregate: { type: 'count' }, operator: '==', bound: 0 },
          abortOnFail: false,
          line: 29,
        },
        {
          metric: 'reconnect.time',
          text: 'p(95) < 3s',
          expression: { aggregate: { type: 'quantile', percent: 95 }, operator: '<', bound: 3000 },
          abortOnFail: false,
          line: 30,
        },
      ],
      timeoutMs: 211_200,
    });
  });

  it('have the current schema beside them', async () => {
    const file = await readFile(join(builtinsFolder(), 'scenario.schema.json'), 'utf8');
    expect(JSON.parse(file)).toEqual(scenarioJsonSchema());
  });
});

describe('parseScenario', () => {
  const base = 'version: 1\nname: x\nduration: 10s\nclients: [{ name: a, count: 1, subscribe: /a }]\n';

  it('accepts JSON', async () => {
    const json = JSON.stringify(
      { $schema: 'x.json', version: 1, name: 'x', duration: '1s', clients: [{ name: 'a', count: 1, subscribe: '/a' }] },
      null,
      '\t',
    );
    expect(parseScenario(json, 'f.json').type).toBe('scenario');
  });

  it('puts steps in order and resolves all, random and repeated names', () => {
    const steps = 'steps: [{at: 3s, kill: random}, {at: 1s, stop: all}, {at: 2s, start: [node-1, node-1]}]';
    const parsed = parseScenario(`${base}cluster: { nodes: 2 }\n${steps}`, 'f.yaml');
    const found = parsed.type === 'scenario' ? parsed.scenario.steps.map(({ type, targets }) => [type, targets]) : [];
    expect(found).toEqual([
      ['stop', ['node-1', 'node-2']],
      ['start', ['node-1']],
      ['kill', 'random'],
    ]);
  });

  it.each([
    ['1s', 3_000],
    ['20s', 5_000],
    ['10m', 30_000],
  ])('scales the quiet time of the drain with a load of %s', (duration, quietMs) => {
    const parsed = parseScenario(base.replace('10s', duration), 'f.yaml');
    expect(parsed.type === 'scenario' && parsed.scenario.drain.quietMs).toBe(quietMs);
  });

  it.each([
    ['as fast as they go', 'count: 1000', 30_000 + 4_000],
    ['slowly', 'count: 600, connect: { rate: 2/s }', 30_000 + 600_000],
    ['so slowly that no timer could count it', 'count: 600, connect: { rate: 0.00001/s }', 2 ** 30],
  ])('gives a run whose clients connect %s the time for it', (_, words, rampMs) => {
    const parsed = parseScenario(`${base.replace('count: 1', words)}warmup: 1s\nfenceTimeout: 5s\n`, 'f.yaml');
    // Warm-up, load, fences, quiet, and two minutes.
    const restMs = 1_000 + 10_000 + 5_000 + 3_000 + 120_000;
    expect(parsed.type === 'scenario' && parsed.scenario.timeoutMs).toBe(rampMs + restMs);
  });

  it('connects to nodes where there is no balancer of ours', () => {
    for (const block of ['cluster: { balancer: { kind: none } }', 'target: { urls: [ws://h/ws] }']) {
      const parsed = parseScenario(base + block, 'f.yaml');
      expect(parsed.type === 'scenario' && parsed.scenario.clients[0]?.connect.via).toBe('nodes');
    }
  });

  it('leaves the form of destinations to a server of the user', () => {
    const parsed = parseScenario(`${base.replace('/a', '/user/queue/a;b=1')}target: { urls: [ws://h/ws] }`, 'f.yaml');
    expect(parsed.type).toBe('scenario');
  });
});

it('all mistakes become one error with exit code 2', () => {
  const parsed = parseScenario('version: 1\nname: x\nduration: 5\nclients: []\n', 'f.yaml');
  const error = scenarioError('f.yaml', parsed.type === 'issues' ? parsed.issues : []);
  expect(error.exitCode).toBe(2);
  expect(error.message.split('\n')[0]).toBe('the scenario f.yaml has 2 mistakes');
});
