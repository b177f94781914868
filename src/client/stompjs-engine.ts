import type { Connection, ConnectionOptions, Engine } from './connection.js';
import { StompjsConnection } from './stompjs-connection.js';

class StompjsEngine implements Engine {
  readonly name = 'stompjs';

  open(options: ConnectionOptions): Connection {
    return new StompjsConnection(options);
  }

  /** Its timers belong to the connections and end with them. */
  close(): void {}
}

/** The library that browsers run, @stomp/stompjs, one Client per connection: true to life, a few hundred at most. */
export function createStompjsEngine(): Engine {
  return new StompjsEngine();
}
