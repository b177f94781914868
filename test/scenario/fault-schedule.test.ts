import { expect, test } from 'vitest';
import type { Cluster, KillOutcome } from '../../src/cluster/cluster.js';
import { nowMicros } from '../../src/core/clock.js';
import { createRandom } from '../../src/core/random.js';
import type { Injection } from '../../src/faults/fault.js';
import { Injector } from '../../src/faults/injector.js';
import { runFaultSchedule } from '../../src/scenario/fault-schedule.js';
import { parseScenario } from '../../src/scenario/parse.js';
import { sceneOf } from '../faults/scene.js';

/** A node that takes its time with signals: it ends of one when nobody waits for that any more, or never. */
class SlowNode {
  state: 'up' | 'down' = 'up';
  readonly #endsLater: boolean;

  constructor(endsLater: boolean) {
    this.#endsLater = endsLater;
  }

  get lastStatus() {
    return [{ name: 'node-1', state: this.state }];
  }

  async kill(name: string, signal: NodeJS.Signals): Promise<KillOutcome> {
    if (this.#endsLater) this.state = 'down';
    return { name, signal, pid: 1, hasExited: false, tookMs: 2000 };
  }

  async start(): Promise<void> {
    this.state = 'up';
  }
}

/** What a step of a minute's load does to it, as the type of each injection and whether it was seen to happen. */
async function doTo(node: SlowNode, step: string): Promise<readonly (readonly [type: string, isSeen: boolean])[]> {
  const client = '{ name: a, count: 1, subscribe: /topic/a }';
  const text = `version: 1\nname: x\nduration: 60s\nclients: [${client}]\nsteps: [${step}]\n`;
  const parsed = parseScenario(text, 'x.yaml');
  if (parsed.type !== 'scenario') throw new Error(JSON.stringify(parsed.issues));
  const injections: Injection[] = [];
  await runFaultSchedule({
    ...{ scenario: parsed.scenario, nodes: ['node-1'], injector: new Injector(sceneOf(node as unknown as Cluster)) },
    ...{ loadStartMicros: nowMicros(), random: createRandom(1), signal: new AbortController().signal },
    ...{ isEndedEarly: () => false, everybodyBack: async () => undefined },
    ...{ onStarted: () => undefined, onSkipped: () => undefined },
    onInjected: (injection) => injections.push(injection),
  });
  return injections.map(({ type, observedAtMicros }) => [type, observedAtMicros !== undefined]);
}

const kill = '{ at: 0s, kill: node-1, signal: SIGTERM, for: 20ms }';

test('a process that ends too late of a signal to be seen to is brought back at the end of that time', async () => {
  const node = new SlowNode(true);
  expect(await doTo(node, kill)).toEqual([
    ['kill', false],
    ['start', true],
  ]);
  expect(node.state).toBe('up');
});

test('a process that lives on is not started, nor one that was down before', async () => {
  expect(await doTo(new SlowNode(false), kill)).toEqual([['kill', false]]);
  const down = new SlowNode(false);
  down.state = 'down';
  expect(await doTo(down, kill)).toEqual([['kill', false]]);
  expect(down.state).toBe('down');
});
