import { nowMs } from '../core/clock.js';
import { unreachable } from '../core/errors.js';
import type { BalancerEvent } from '../proxy/backend.js';

/** What happens once for every client is told at most so often: in a storm the log would slow the balancer down. */
const quietMs = 1_000;

/** Writes what happens to a balancer as lines for people. */
export function balancerLog(write: (line: string) => void): (event: BalancerEvent) => void {
  const toldAtMs = new Map<BalancerEvent['type'], number>();
  return (event) => {
    const isPerClient = event.type !== 'backend-up' && event.type !== 'backend-down';
    if (isPerClient && nowMs() - (toldAtMs.get(event.type) ?? Number.NEGATIVE_INFINITY) < quietMs) return;
    toldAtMs.set(event.type, nowMs());
    write(lineOf(event));
  };
}

function lineOf(event: BalancerEvent): string {
  switch (event.type) {
    case 'backend-up':
      return `${event.name} is up`;
    case 'backend-down':
      return `${event.name} is down: ${event.reason}`;
    case 'connect-failed':
      return `a connect to ${event.name} failed: ${event.reason}`;
    case 'connection-refused':
      return `a client was turned away: ${event.reason}`;
    case 'accept-failed':
      return `a client could not be accepted: ${event.reason}`;
    default:
      return unreachable(event);
  }
}
