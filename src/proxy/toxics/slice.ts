import { nextTurn } from '../../core/clock.js';
import { bothWays, type Toxic } from '../toxic.js';

export interface SliceSpec {
  readonly type: 'slice';
  readonly sizeBytes: number;
}

/** Bytes go in small writes, one for each turn of the event loop, so that frames arrive torn. Nothing is lost. */
export function slice({ sizeBytes }: SliceSpec): Toxic {
  return {
    directions: bothWays,
    begin({ signal }) {
      return async (piece, next) => {
        let rest = piece.type === 'bytes' ? piece.bytes : undefined;
        for (; rest !== undefined && rest.length > sizeBytes && !signal.aborted; rest = rest.subarray(sizeBytes)) {
          await next({ type: 'bytes', bytes: rest.subarray(0, sizeBytes), atMs: piece.atMs });
          await nextTurn();
        }
        await next(rest === undefined ? piece : { type: 'bytes', bytes: rest, atMs: piece.atMs });
      };
    },
  };
}
