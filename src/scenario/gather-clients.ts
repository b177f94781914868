import type { Workers } from '../load/gather.js';
import { clientCount } from './preflight.js';
import { connectRatePerSecond, rampTimeoutMs } from './ramp.js';
import type { RunView } from './run-view.js';
import type { Scenario } from './scenario.js';

/** Connects everybody and proves with fences that each node reaches each subscriber. */
export async function gatherClients(
  scenario: Scenario,
  workers: Workers,
  view: RunView,
  signal: AbortSignal,
): Promise<void> {
  const clients = clientCount(scenario);
  const timeoutMs = rampTimeoutMs(scenario.clients);
  await workers.connect({ timeoutMs, ratePerSecond: connectRatePerSecond, signal });
  view.phase = 'fences';
  view.say(`${clients} clients connected and subscribed`);
  await workers.fence({ timeoutMs: scenario.fenceTimeoutMs + 2_000, signal });
  view.sayUnreached(workers.progress().unreached, workers.plan.nodes);
}
