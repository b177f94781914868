import type { Interval } from './interval.js';
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
