import { nowMicros } from '../core/clock.js';
import type { Connection, ConnectionOptions, Engine } from './connection.js';
import { emptyMessage, type IncomingMessage } from './connection.js';
import { LeanConnection } from './lean-connection.js';
import { MessageScanner } from './message-scanner.js';

/** How often the one timer looks at all connections; their deadlines are met this late at most. */
const sweepEveryMs = 250;

/** What all lean connections of a worker have in common. */
export interface LeanParts {
  readonly scanner: MessageScanner;
  /** Filled for every arrival. */
  readonly message: IncomingMessage;
  /** A connection is in here from its opening to its end. */
  readonly alive: Set<LeanConnection>;
}

class LeanEngine implements Engine {
  readonly name = 'lean';
  readonly #parts: LeanParts = { scanner: new MessageScanner(), message: emptyMessage(), alive: new Set() };
  #sweeper: NodeJS.Timeout | undefined;

  open(options: ConnectionOptions): Connection {
    this.#sweeper ??= setInterval(() => this.#sweep(), sweepEveryMs);
    return new LeanConnection(options, this.#parts);
  }

  close(): void {
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  #sweep(): void {
    const atMicros = nowMicros();
    for (const connection of this.#parts.alive) connection.sweep(atMicros);
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
