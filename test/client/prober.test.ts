import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Connection, Engine } from '../../src/client/connection.js';
import { loadEngine } from '../../src/client/engine.js';
import { Prober } from '../../src/client/prober.js';
import { createSubscription, type Subscription } from '../../src/client/subscription.js';
import { emptyTally } from '../../src/client/tally.js';
import { nowMicros, waitUntil } from '../../src/core/clock.js';
import { createRandom } from '../../src/core/random.js';
import { emptyReading, readStamp, runNumber } from '../../src/record/stamp.js';
import type { RelayNode } from '../../src/server/node.js';
import { openTestNode } from '../server/test-node.js';

const observe = { timeoutMs: 30_000 };
const ignore = (): void => undefined;
let engine: Engine;
/** Each with a memory of its own: nothing passes from one to the other. */
let nodes: readonly RelayNode[];
let prober: Prober;
const tally = emptyTally();

beforeEach(async () => {
  engine = await loadEngine('lean');
  nodes = [await openTestNode({}, { name: 'node-1' }), await openTestNode({}, { name: 'node-2' })];
});
afterEach(async () => {
  prober.close();
  for (const node of nodes) await node[Symbol.asyncDispose]();
  engine.close();
});

function target(url: string) {
  const common = { headers: {}, host: 'localhost', login: undefined, passcode: undefined };
  return { url, ...common, heartbeat: { sendMs: 0, wantMs: 0 }, connectTimeoutMs: 5000 };
}

function startProber(urls: readonly string[], fenceTimeoutMs: number): void {
  prober = new Prober({
    engine,
    targets: urls.map(target),
    plan: {
      runId: '0badcafe',
      nodes: urls.map((_, index) => `node-${index + 1}`),
      destinations: ['/topic/a'],
      clients: [{ subscribes: [0], publishes: [], recovers: false }],
    },
    runNumber: runNumber('0badcafe'),
    tally,
    random: createRandom(1),
    fenceTimeoutMs,
    subscriberCounts: [1],
    share: 1,
  });
  prober.start();
}

/** A subscriber on the first node, whose fences are told to the prober. */
async function subscribe(): Promise<{ subscription: Subscription; connection: Connection }> {
  const subscription = createSubscription(0, 0, 0);
  subscription.node = 0;
  let isConfirmed = false;
  const connection: Connection = engine.open({
    ...target(nodes[0]?.url ?? ''),
    events: {
      connected: () => connection.subscribe(0, '/topic/a', {}, 's0'),
      message({ body }) {
        const stamp = emptyReading();
        expect(readStamp(body, stamp)).toBeUndefined();
        expect(stamp.kind).toBe('f');
        prober.arrived(subscription, stamp.publisher);
      },
      receipt: () => {
        isConfirmed = true;
      },
      error: ignore,
      closed: ignore,
    },
  });
  expect(await waitUntil(() => isConfirmed, observe)).toBe(true);
  subscription.state = 'confirmed';
  subscription.confirmedAtMicros = nowMicros();
  return { subscription, connection };
}

test('a subscription waits until it has a fence from its node, and no longer', async () => {
  startProber([nodes[0]?.url ?? ''], 60_000);
  const { subscription, connection } = await subscribe();
  prober.confirmed(subscription);
  expect(prober.pendingCount).toBe(1);
  expect(await waitUntil(() => prober.pendingCount === 0, observe)).toBe(true);
  expect(prober.unreached).toEqual([[0]]);
  expect(tally.fencesSent).toBeGreaterThan(0);
  connection.terminate();
});

test('a node whose fences never come is given up after the timeout and named, the other is not', async () => {
  startProber(
    nodes.map(({ url }) => url),
    500,
  );
  const { subscription, connection } = await subscribe();
  prober.confirmed(subscription);
  expect(await waitUntil(() => prober.pendingCount === 0, observe)).toBe(true);
  // [origin][receiving node]
  expect(prober.unreached).toEqual([
    [0, 0],
    [1, 0],
  ]);
  connection.terminate();
});

test('a subscription that was lost waits for nothing any more', async () => {
  startProber([nodes[0]?.url ?? ''], 60_000);
  const subscription = createSubscription(0, 0, 0);
  prober.confirmed(subscription);
  prober.lost(subscription);
  expect(prober.pendingCount).toBe(0);
});
