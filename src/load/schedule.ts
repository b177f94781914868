import { type DueTimes, evenTimes, poissonTimes } from '../client/due-times.js';
import { createRandom } from '../core/random.js';
import type { LoadSpec } from './load-spec.js';
import type { ClientSettings } from './plan.js';

/**
 * When a client's messages fall due from `startMicros` on; undefined when it sends nothing. Depends on the
 * seed and on the client's number, not on the worker that it lives in.
 * @param part chance of warm-up and load must differ
 */
export function dueTimesOf(
  spec: LoadSpec,
  client: ClientSettings,
  startMicros: number,
  part: 'warm-up' | 'load',
): DueTimes | undefined {
  const { send } = client.group;
  if (send === undefined) return undefined;
  const intervalMicros = send.everyMs * 1000;
  if (send.schedule === 'together') return evenTimes(startMicros, intervalMicros);
  const random = createRandom(spec.seed).fork(`${part}-${client.index}`);
  if (send.schedule === 'poisson') return poissonTimes(startMicros, intervalMicros, random);
  return evenTimes(startMicros + Math.floor(random.next() * intervalMicros), intervalMicros);
}
