import type { Client } from '../client/client.js';
import { evenTimes } from '../client/due-times.js';
import { Pacer } from '../client/pacer.js';
import { createRandom } from '../core/random.js';
import type { ClientSettings } from './plan.js';

/**
 * Clients that unsubscribe now and then during the load. Each at its own seeded moment of the interval, by an open
 * schedule; at the end everybody subscribes again.
 * @returns how to end it early
 */
export function startAbsences(
  clients: readonly Client[],
  settings: readonly ClientSettings[],
  during: { readonly seed: number; readonly startMicros: number; readonly endMicros: number },
): () => void {
  const absent = clients.filter((client) => settings[client.index]?.group.unsubscribe !== undefined);
  const pacer = new Pacer({
    // Two slots for each: leaving and coming back.
    onDue: (slot) => {
      const client = absent[slot >> 1];
      if ((slot & 1) === 0) client?.unsubscribeAll();
      else client?.subscribeAgain();
    },
    endMicros: during.endMicros,
    onEnd: () => {
      for (const client of absent) client.subscribeAgain();
    },
  });
  for (const [place, client] of absent.entries()) {
    const spec = settings[client.index]?.group.unsubscribe;
    if (spec === undefined) continue;
    const everyMicros = spec.everyMs * 1000;
    const chance = createRandom(during.seed).fork(`absence-${client.index}`).next();
    const firstMicros = during.startMicros + Math.floor(chance * everyMicros);
    pacer.add(2 * place, evenTimes(firstMicros, everyMicros));
    pacer.add(2 * place + 1, evenTimes(firstMicros + spec.forMs * 1000, everyMicros));
  }
  pacer.start();
  return () => pacer.stop();
}
