import { nowMs } from '../../core/clock.js';
import { pauseFor } from '../pause-for.js';
import { bothWays, type Direction, type Toxic } from '../toxic.js';

export interface BandwidthSpec {
  readonly type: 'bandwidth';
  readonly bytesPerSecond: number;
}

/** Bytes go in parts of so much time, so that connections take turns and a timer's millisecond does not matter. */
const partMs = 10;
const leastPartBytes = 64;

/**
 * All connections together get so many bytes a second, each way. Who sends more is held up by back-pressure; nothing
 * is dropped.
 */
export function bandwidth({ bytesPerSecond }: BandwidthSpec): Toxic {
  const partBytes = Math.max(leastPartBytes, Math.ceil((bytesPerSecond * partMs) / 1000));
  /** When the line of each way will have carried what it was given so far. */
  const freeAtMs: Record<Direction, number> = { 'to-target': 0, 'from-target': 0 };
  return {
    directions: bothWays,
    begin({ direction, signal }) {
      return async (piece, next) => {
        let rest = piece.type === 'bytes' ? piece.bytes : undefined;
        for (; rest !== undefined && rest.length > partBytes && !signal.aborted; rest = rest.subarray(partBytes)) {
          await take(partBytes);
          await next({ type: 'bytes', bytes: rest.subarray(0, partBytes), atMs: piece.atMs });
        }
        await take(rest?.length ?? 0);
        await next(rest === undefined ? piece : { type: 'bytes', bytes: rest, atMs: piece.atMs });
      };

      async function take(bytes: number): Promise<void> {
        const untilMs = Math.max(nowMs(), freeAtMs[direction]) + (bytes / bytesPerSecond) * 1000;
        freeAtMs[direction] = untilMs;
        await pauseFor(untilMs - nowMs(), signal);
      }
    },
  };
}
