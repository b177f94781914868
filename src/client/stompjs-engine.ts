import { nowMicros } from '../core/clock.js';
import type { Connection, ConnectionOptions, Engine } from './connection.js';
import { StompjsConnection } from './stompjs-connection.js';
import { Turns, turnEveryMs } from './turns.js';

class StompjsEngine implements Engine {
  readonly name = 'stompjs';
  readonly #turns = new Turns();
  #turning: NodeJS.Timeout | undefined;

  open(options: ConnectionOptions): Connection {
    this.#turning ??= this.#startTurning();
    return new StompjsConnection(options, this.#turns);
  }

  /** All other timers belong to the connections and end with them. */
  close(): void {
    clearInterval(this.#turning);
    this.#turning = undefined;
  }

  #startTurning(): NodeJS.Timeout {
    this.#turns.begin(nowMicros());
    return setInterval(() => this.#turns.turned(nowMicros()), turnEveryMs);
  }
}

/** The library that browsers run, @stomp/stompjs, one Client per connection: true to life, a few hundred at most. */
export function createStompjsEngine(): Engine {
  return new StompjsEngine();
}
