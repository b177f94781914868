import { nowMicros } from '../core/clock.js';
import { StallWatch } from '../core/stall-watch.js';
import { type Connection, type ConnectionOptions, type Engine, emptyMessage } from './connection.js';
import { LeanConnection } from './lean-connection.js';
import type { LeanParts } from './lean-parts.js';
import { MessageScanner } from './message-scanner.js';
import { Turns, turnEveryMs } from './turns.js';

/** Sweeps further apart say that this process stood still, not that its peers were silent. */
const stallMs = 1_000;

class LeanEngine implements Engine {
  readonly name = 'lean';
  readonly #parts: LeanParts = {
    scanner: new MessageScanner(),
    message: emptyMessage(),
    turns: new Turns(),
    alive: new Set(),
  };
  #sweeper: NodeJS.Timeout | undefined;

  open(options: ConnectionOptions): Connection {
    this.#sweeper ??= this.#startSweeping();
    return new LeanConnection(options, this.#parts);
  }

  close(): void {
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  /** The one timer looks at all connections; their deadlines are met one turn late at most. */
  #startSweeping(): NodeJS.Timeout {
    this.#parts.turns.begin(nowMicros());
    const stalls = new StallWatch(stallMs, nowMicros() / 1000);
    return setInterval(() => {
      const atMicros = nowMicros();
      this.#parts.turns.turned(atMicros);
      const isAfterStall = stalls.isAfterStall(atMicros / 1000);
      for (const connection of this.#parts.alive) connection.sweep(atMicros, isAfterStall);
    }, turnEveryMs);
  }
}

/**
 * Our own STOMP client on bare `ws`, made for thousands of connections in one process: one timer for
 * the heart-beats and deadlines of all, nothing per connection but its socket and one small object, and no
 * allocation per delivery beyond those of `ws` and one window on the body.
 */
export function createLeanEngine(): Engine {
  return new LeanEngine();
}
