import { describe, expect, it } from 'vitest';
import { formatIssue } from '../../src/scenario/issue.js';
import { parseScenario } from '../../src/scenario/parse.js';
import type { Scenario } from '../../src/scenario/scenario.js';

const text = `version: 1
name: x
duration: 10s
clients:
  - &group { name: a, count: 1, subscribe: /a, recover: true }
steps:
  - { at: 1s, kill: node-1 }
thresholds:
  delivery.missing: ["count == 0", "rate < 1%"]
`;

function parse(...overrides: readonly string[]): Scenario {
  const parsed = parseScenario(text, 'f.yaml', overrides);
  if (parsed.type === 'issues') throw new Error(parsed.issues.map(formatIssue).join('\n'));
  return parsed.scenario;
}

function mistakesOf(...overrides: readonly string[]): string[] {
  const parsed = parseScenario(text, 'f.yaml', overrides);
  return parsed.type === 'issues' ? parsed.issues.map(formatIssue) : [];
}

describe('--set', () => {
  it('changes a value in a list', () => {
    expect(parse('clients[0].recover=false').clients[0]?.recover).toBe(false);
  });

  it('makes what is missing on the way', () => {
    const { system } = parse('cluster.broker=stomp://h:61613', 'cluster.balancer.policy=sticky');
    expect(system).toMatchObject({ broker: 'stomp://h:61613', balancer: { kind: 'embedded', policy: 'sticky' } });
    expect(parse('drain.quiet=3s').drain.quietMs).toBe(3000);
  });

  it('reads the value as YAML', () => {
    expect(parse('steps=[{ at: 2s, pause: [node-1, node-2], for: 1s }]').steps).toEqual([
      { type: 'pause', atMs: 2000, targets: ['node-1', 'node-2'], line: null, options: {}, forMs: 1000 },
    ]);
  });

  it('changes the time of a step', () => {
    expect(parse('steps[0].at=5s').steps[0]?.atMs).toBe(5000);
  });

  it('finds a step by what it does, where only one does that', () => {
    const [step] = parse('kill.every=2s', 'kill.for=1s', 'kill=random').steps;
    expect(step).toMatchObject({
      targets: 'random',
      atMs: 1000,
      every: { intervalMs: 2000, jitterMs: 0 },
      forMs: 1000,
    });
  });

  it('names the steps that could be meant, where several do that, or that none does', () => {
    expect(mistakesOf('steps[1]={ at: 3s, kill: node-2 }', 'kill.every=2s')).toEqual([
      '--set kill.every=2s: 2 steps have "kill"; write steps[0].every or steps[1].every',
    ]);
    expect(mistakesOf('pause.for=2s')).toEqual(['--set pause.for=2s: no step has "pause"']);
  });

  it('takes a key out with null, so that its default holds', () => {
    expect(parse('thresholds=null').thresholds).toEqual([]);
    expect(parse('cluster.history=10s', 'cluster.history=null', 'cluster.broker=simple').system).toMatchObject({
      broker: 'simple',
      historyMs: undefined,
    });
    expect(mistakesOf('duration=null')).toEqual(['f.yaml:1:1: missing key "duration"\n    version: 1\n    ^']);
  });

  it('appends one entry to a list', () => {
    expect(parse('steps[1]={ at: 2s, start: node-1 }').steps.map((step) => step.type)).toEqual(['kill', 'start']);
  });

  it.each([
    'thresholds["delivery.missing"][0]=count < 5',
    "thresholds['delivery.missing'][0]=count < 5",
    'thresholds.delivery.missing[0]=count < 5',
  ])('changes a threshold, whose line is then no line of the file: %s', (override) => {
    expect(parse(override).thresholds.map(({ text, line }) => [text, line])).toEqual([
      ['count < 5', null],
      ['rate < 1%', 9],
    ]);
  });

  it('adds a threshold on another metric', () => {
    expect(parse('thresholds.reconnect.time[0]=max < 1s').thresholds.at(-1)).toMatchObject({
      metric: 'reconnect.time',
      text: 'max < 1s',
    });
  });

  it('lets the last of two win', () => {
    expect(parse('clients[0].count=2', 'clients[0].count=3').clients[0]?.count).toBe(3);
  });

  it('accepts a value that contains "="', () => {
    expect(parse('name=a=b').name).toBe('a=b');
  });

  it('changes an alias without changing what it stands for', () => {
    const aliased = text.replace('steps:', '  - *group\nsteps:');
    const parsed = parseScenario(aliased, 'f.yaml', ['clients[1].name=b', 'clients[1].count=7']);
    const groups = parsed.type === 'scenario' ? parsed.scenario.clients.map(({ name, count }) => [name, count]) : [];
    expect(groups).toEqual([
      ['a', 1],
      ['b', 7],
    ]);
  });

  it.each([
    [
      'clients[3].recover=true',
      '--set clients[3].recover=true: there is 1 entry in clients ([0]); only [1] could be added, as a whole',
    ],
    ['clients[0].recovr=true', '--set clients[0].recovr=true: unknown key "recovr"; did you mean "recover"?'],
    ['clients[0].count=many', '--set clients[0].count=many: expected a number, got "many"'],
    ['duration=5', '--set duration=5: 5 needs a unit: 5s, 5ms'],
    ['duration=', '--set duration=: nothing is not a duration; write it like 5s, 5ms'],
    ['clients.count=5', '--set clients.count=5: clients is not a map; it has no "count"'],
    ['name[0]=5', '--set name[0]=5: name is not a list; it has no [0]'],
    ['[0]=5', '--set [0]=5: the scenario is not a list; it has no [0]'],
    [
      'steps[0].kill=node-4',
      '--set steps[0].kill=node-4: no process is called "node-4"; there are node-1 to node-3, broker, balancer; or all, or random',
    ],
    [
      'thresholds.delivery.mising[0]=count == 0',
      '--set thresholds.delivery.mising[0]=count == 0: there is no metric "delivery.mising"; did you mean "delivery.missing"?',
    ],
    ['seed', '--set seed: write path=value, such as clients[0].count=50'],
    ['=5', '--set =5: write path=value, such as clients[0].count=50'],
    ['a..b=5', '--set a..b=5: write path=value, such as clients[0].count=50'],
    ['.a=5', '--set .a=5: write path=value, such as clients[0].count=50'],
    ['name=[', '--set name=[: the value is not valid YAML: Flow sequence must end with a ]'],
  ])('says what is wrong with %s', (override, expected) => {
    expect(mistakesOf(override)).toEqual([expected]);
  });

  it('is judged together with the file', () => {
    expect(mistakesOf('cluster.nodes=1', 'steps[0].kill=node-2')).toEqual([
      '--set steps[0].kill=node-2: no process is called "node-2"; there are node-1, broker, balancer; or all, or random',
    ]);
  });
});
