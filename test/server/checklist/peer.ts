import { openBrokerServer } from '../../../src/server/broker-server.js';
import { brokerServerLimits, defaultServerLimits, type ServerLimits } from '../../../src/server/limits.js';
import { type Frame, noBody, type StompVersion } from '../../../src/stomp/frame.js';
import { subprotocolOf } from '../../../src/stomp/version.js';
import { type Ending, frameText, type HeaderLines, RawClient } from '../raw-client.js';
import { openTestNode } from '../test-node.js';

export type TransportKind = 'websocket' | 'tcp';

export interface ServerUnderTest extends AsyncDisposable {
  readonly transport: TransportKind;
  /** Where `/metrics` is. */
  readonly httpPort: number;
  /** A connection on which nothing was said yet. */
  dial(version: StompVersion): Promise<RawClient>;
}

interface Credential {
  readonly login: string;
  readonly passcode: string;
}

/** A relay node over WebSocket, or the embedded broker's listener over TCP, open to everybody, with a node's limits. */
async function openServer(
  transport: TransportKind,
  limits: Partial<ServerLimits> = {},
  credential?: Credential,
): Promise<ServerUnderTest> {
  if (transport === 'websocket') {
    const node = await openTestNode(limits, { credential });
    const dial = (version: StompVersion) =>
      RawClient.overWebSocket(node.url, { subprotocols: [subprotocolOf(version)] });
    return { transport, httpPort: node.port, dial, [Symbol.asyncDispose]: () => node[Symbol.asyncDispose]() };
  }
  const broker = await openBrokerServer({
    version: '0.0.0',
    host: '127.0.0.1',
    port: 0,
    credential,
    trustsMessageIds: false,
    limits: { ...brokerServerLimits, ...defaultServerLimits, ...limits },
  });
  return {
    transport,
    httpPort: broker.httpPort,
    dial: () => RawClient.overTcp(broker.port),
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
}

/** What the test of a rule works with: one server and any number of clients, all of one version. */
export class Peer implements AsyncDisposable {
  readonly transport: TransportKind;
  readonly version: StompVersion;
  readonly server: ServerUnderTest;
  readonly #open: AsyncDisposable[] = [];

  private constructor(server: ServerUnderTest, version: StompVersion) {
    this.server = server;
    this.transport = server.transport;
    this.version = version;
    this.#open.push(server);
  }

  static async open(
    transport: TransportKind,
    version: StompVersion,
    limits?: Partial<ServerLimits>,
    credential?: Credential,
  ): Promise<Peer> {
    return new Peer(await openServer(transport, limits, credential), version);
  }

  /** A connection on which nothing was said yet. */
  async stranger(): Promise<RawClient> {
    const client = await this.server.dial(this.version);
    this.#open.unshift(client);
    return client;
  }

  /** A session, of this version unless another is named. */
  async client(headers: HeaderLines = {}, version: StompVersion = this.version): Promise<RawClient> {
    const client = await this.server.dial(version);
    this.#open.unshift(client);
    await client.connect(version, headers);
    return client;
  }

  /** A session that subscribes to a destination under the id `1`. */
  async subscriber(destination: string, headers: HeaderLines = {}): Promise<RawClient> {
    const client = await this.client();
    await client.asked('SUBSCRIBE', { id: '1', destination, ...headers });
    return client;
  }

  /** The headers that acknowledge a MESSAGE of the subscription `1` [A01–A03]. */
  acknowledging(message: Frame): HeaderLines {
    const id = message.headers.get('message-id') ?? '';
    if (this.version === '1.0') return { 'message-id': id };
    if (this.version === '1.1') return { 'message-id': id.replaceAll(':', '\\c'), subscription: '1' };
    return { id: message.headers.get('ack') ?? '' };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.#open.splice(0)) await one[Symbol.asyncDispose]();
  }
}

/** What must come of a frame that is refused: an ERROR as the last frame, then the end. */
export interface Refusal {
  readonly error: Frame;
  readonly message: string;
  readonly ending: Ending;
}

/** Reads on to the ERROR, which must be the last thing before the connection ends. */
export async function refusal(client: RawClient): Promise<Refusal> {
  const ending = await client.ended;
  const error = client.received.at(-1);
  if (error?.command !== 'ERROR') throw new Error(`no ERROR before the end (${ending.code}): ${client.tail()}`);
  return { error, message: error.headers.get('message') ?? '', ending };
}

/** Sends octets and reads on to the ERROR that they must cause. */
export function refused(client: RawClient, bytes: string | Buffer): Promise<Refusal> {
  client.raw(bytes);
  return refusal(client);
}

/** A frame whose body may be any octets; nothing is added. */
export function frameBytes(command: string, headers: HeaderLines, body: Buffer = noBody): Buffer {
  const text = frameText(command, headers);
  return Buffer.concat([Buffer.from(text.slice(0, -1)), body, Buffer.from([0])]);
}

export function messagesOf(client: RawClient): Frame[] {
  return client.received.filter((frame) => frame.command === 'MESSAGE');
}

export function bodiesOf(client: RawClient): string[] {
  return messagesOf(client).map((frame) => frame.body.toString());
}
