import { bothWays, type Direction, type Toxic } from '../toxic.js';

export interface BlackholeSpec {
  readonly type: 'blackhole';
  readonly direction: 'both' | Direction;
}

/**
 * Everything vanishes, also that a peer has gone: no FIN and no RST comes through, and a new connection is accepted
 * and hears nothing. When it is lifted, each connection from which something vanished is reset: its stream has a hole.
 */
export function blackhole({ direction }: BlackholeSpec): Toxic {
  return {
    directions: direction === 'both' ? bothWays : [direction],
    begin({ signal, reset }) {
      let hasHole = false;
      const close = (): void => {
        if (hasHole) reset();
      };
      signal.addEventListener('abort', close, { once: true });
      return async () => {
        hasHole = true;
        // The piece was on its way when the toxic was lifted.
        if (signal.aborted) close();
      };
    },
  };
}
