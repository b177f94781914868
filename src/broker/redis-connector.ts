import { connect } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { AbstractConnector } from 'ioredis';

/** What the library hands to a connector, as far as we use it. */
interface ConnectorOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: ConnectionOptions;
  readonly disconnectTimeout: number;
}

/**
 * Opens a connection to a Redis as the library does it by itself, but listens for its errors to the end. The
 * library listens for the first only: over TLS an alert of the server can follow the refusal of its certificate,
 * and an error that nobody listens for ends the process.
 */
export class RedisConnector extends AbstractConnector {
  readonly #options: ConnectorOptions;

  constructor(options: unknown) {
    // The library makes it, with the options of the client that it is for.
    const known = options as ConnectorOptions;
    super(known.disconnectTimeout);
    this.#options = known;
  }

  override async connect(): Promise<ReturnType<typeof connect> | TLSSocket> {
    const { host, port, tls } = this.#options;
    this.connecting = true;
    this.stream = tls === undefined ? connect({ host, port }) : connectTls({ host, port, ...tls });
    this.stream.on('error', (error: Error) => {
      this.firstError ??= error;
    });
    return this.stream;
  }
}
