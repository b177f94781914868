import type { Workers } from '../load/gather.js';
import { clientCount } from './preflight.js';
import type { RunView } from './run-view.js';
import type { Scenario } from './scenario.js';

/** First connects per second and worker, unless a group says otherwise. */
const connectRatePerSecond = 500;

/** Connects everybody and proves with fences that each node reaches each subscriber. */
export async function gatherClients(
  scenario: Scenario,
  workers: Workers,
  view: RunView,
  signal: AbortSignal,
): Promise<void> {
  const clients = clientCount(scenario);
  const slowestPerSecond = Math.min(
    ...scenario.clients.map((group) => group.connect.ratePerSecond ?? Number.POSITIVE_INFINITY),
    connectRatePerSecond,
  );
  const timeoutMs = 30_000 + (clients / slowestPerSecond) * 2_000;
  await workers.connect({ timeoutMs, ratePerSecond: connectRatePerSecond, signal });
  view.phase = 'fences';
  view.say(`${clients} clients connected and subscribed`);
  await workers.fence({ timeoutMs: scenario.fenceTimeoutMs + 2_000, signal });
  view.sayUnreached(workers.progress().unreached, workers.plan.nodes);
}
