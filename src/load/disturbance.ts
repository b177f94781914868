import type { Client } from '../client/client.js';
import { waitUntil } from '../core/clock.js';
import { unreachable } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import type { Crowd } from './crowd.js';
import type { Disturbance } from './protocol.js';

/** How long it may take until torn connections are seen to be gone; it is a matter of one turn. */
const observeTimeoutMs = 5_000;

/** Disturbs the clients of a worker. @returns how many of them it met, once that was seen */
export async function disturbCrowd(crowd: Crowd, disturbance: Disturbance): Promise<number> {
  const clients = crowd.groups.find(({ group }) => group.name === disturbance.group)?.clients ?? [];
  switch (disturbance.type) {
    case 'storm':
      return storm(clients);
    case 'stall': {
      const chosen = choose(crowd, disturbance.group, disturbance.share);
      return clients.filter((client) => chosen.has(client.index) && client.setReading(false)).length;
    }
    case 'read-on':
      return clients.filter((client) => client.setReading(true)).length;
    default:
      return unreachable(disturbance);
  }
}

async function storm(clients: readonly Client[]): Promise<number> {
  const lost = clients.map((client) => ({ client, session: client.session })).filter(({ client }) => client.rush());
  const hasLeft = ({ client, session }: (typeof lost)[number]): boolean => !client.isIn(session);
  await waitUntil(() => lost.every(hasLeft), { timeoutMs: observeTimeoutMs });
  return lost.filter(hasLeft).length;
}

/** A share of a group by the seed, at least one: the same clients however many workers there are. */
function choose({ spec, run }: Crowd, group: string, share: number): ReadonlySet<number> {
  const all = run.settings.filter((one) => one.group.name === group).map(({ index }) => index);
  const random = createRandom(spec.seed).fork(`stall ${group}`);
  const count = Math.max(1, Math.round(all.length * share));
  return new Set(
    Array.from({ length: Math.min(count, all.length) }, () => all.splice(random.int(all.length), 1)[0] ?? -1),
  );
}
