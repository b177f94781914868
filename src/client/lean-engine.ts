import { nowMicros } from '../core/clock.js';
import { type Connection, type ConnectionOptions, type Engine, emptyMessage } from './connection.js';
import { LeanConnection } from './lean-connection.js';
import type { LeanParts } from './lean-parts.js';
import { MessageScanner } from './message-scanner.js';

/** How often the one timer looks at all connections; their deadlines are met this late at most. */
const sweepEveryMs = 250;
/** A sweep that comes so much too late says that this process stood still, not that its peers were silent. */
const stallMicros = 1_000_000;

class LeanEngine implements Engine {
  readonly name = 'lean';
  readonly #parts: LeanParts = { scanner: new MessageScanner(), message: emptyMessage(), alive: new Set() };
  #sweeper: NodeJS.Timeout | undefined;
  #lastSweepMicros = 0;

  open(options: ConnectionOptions): Connection {
    if (this.#sweeper === undefined) {
      this.#lastSweepMicros = nowMicros();
      this.#sweeper = setInterval(() => this.#sweep(), sweepEveryMs);
    }
    return new LeanConnection(options, this.#parts);
  }

  close(): void {
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  #sweep(): void {
    const atMicros = nowMicros();
    const isAfterStall = atMicros - this.#lastSweepMicros > stallMicros;
    this.#lastSweepMicros = atMicros;
    for (const connection of this.#parts.alive) connection.sweep(atMicros, isAfterStall);
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
