import type { IncomingMessage } from './connection.js';
import type { MessageScanner } from './message-scanner.js';
import type { Turns } from './turns.js';

/** What all lean connections of a worker have in common. */
export interface LeanParts {
  readonly scanner: MessageScanner;
  /** Filled for every arrival. */
  readonly message: IncomingMessage;
  /** Of the one timer. */
  readonly turns: Turns;
  /** What the one timer looks at; a connection is in here from its opening to its end. */
  readonly alive: Set<{ sweep(atMicros: number, isAfterStall: boolean): void }>;
}
