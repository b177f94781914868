import type { AbsentCause } from './account.js';
import { type Interval, touches } from './interval.js';
import { isCertain, type Windows } from './windows.js';

/**
 * Whether a committed message must reach the subscriber: its whole interval lies inside one certain window, and the
 * contract does not excuse the moment.
 *
 * Every other pair may arrive or not: the message touched a possible window (optional), or none (not expected, but it
 * may have been under way while the subscriber came, or be replayed). What must never happen is judged on the arrival
 * itself: one outside every possible window is unexpected.
 * @param message from writing to the receipt; for an unacknowledged one to its first arrival anywhere
 */
export function isRequired(message: Interval, windows: Windows, isExcused: boolean): boolean {
  return !isExcused && isCertain(windows, message.fromMicros, message.toMicros);
}

/** Why a pair that was not required rightly did not arrive; undefined when its subscriber missed something. */
export function absentCauseOf(message: Interval, windows: Windows): AbsentCause | undefined {
  if (message.fromMicros < windows.lifeFromMicros) return 'before-subscription';
  if (message.toMicros > windows.lifeToMicros) return 'after-end';
  return wasUnsubscribed(message, windows) ? 'unsubscribed' : undefined;
}

/** Whether the message touches a time for which the subscriber did not want it: from UNSUBSCRIBE until it was back. */
function wasUnsubscribed(message: Interval, { each }: Windows): boolean {
  return each.some(({ leftAtMicros }, index) => {
    if (leftAtMicros === Infinity) return false;
    const next = each[index + 1];
    const isBack = next !== undefined && next.confirmedAtMicros < Infinity;
    const backAtMicros = isBack ? next.confirmedAtMicros : (next?.possibleEndMicros ?? Infinity);
    return touches(message, { fromMicros: leftAtMicros, toMicros: backAtMicros });
  });
}
