import { type Channel, type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import { directExchange, topicExchange } from './amqp-names.js';
import { linkFailure, type Trouble } from './link-failure.js';
import type { ServerUrl } from './server-url.js';

const connectTimeoutMs = 5_000;
/** The least whole number of seconds that a node that is busy for a moment survives; lost after two of them. */
const heartbeatSeconds = 2;

const wrongServer =
  'Check that AMQP 0-9-1 is spoken there (usually at port 5672; STOMP is another), and whether it wants TLS: amqps://.';
const troubles: readonly Trouble[] = [
  {
    pattern: /ACCESS.REFUSED/,
    hint: 'Put user and password into the URL, before the host: user:password@host. The user guest may only come from the same machine.',
  },
  {
    // At this point of the handshake the library does not pass on what RabbitMQ says; only one thing can be wrong.
    pattern: /^Expected ConnectionOpenOk; got <ConnectionClose/,
    reason: 'it has no such virtual host, or this user may not use it',
    hint: 'Name one that the server has: amqp://host/name; left out it is "/", which is written %2F.',
  },
  { pattern: /Frame size|Expected Connection/i, reason: 'it does not answer like AMQP 0-9-1', hint: wrongServer },
  { pattern: /SSL routines|packet length/, reason: 'it does not speak TLS', hint: wrongServer },
  { pattern: /no answer|closed|disconnected|ECONNRESET|handshake/i, hint: wrongServer },
];

/** A connection with its channels. */
export interface AmqpConnection {
  readonly model: ChannelModel;
  readonly publisher: ConfirmChannel;
  readonly inbox: Channel;
  readonly consumers: Channel;
  /** Ends the socket at once. */
  readonly end: () => void;
}

/**
 * Connects and makes the exchanges, then lets the caller do the rest within the connect timeout.
 * Rejects with a `LinkFailure`, the connection ended.
 */
export async function openAmqp<T>(server: ServerUrl, use: (connection: AmqpConnection) => Promise<T>): Promise<T> {
  const socketEnd = new AbortController();
  const timer = setTimeout(() => socketEnd.abort(), connectTimeoutMs);
  try {
    return await use(await connectTo(server, socketEnd));
  } catch (error) {
    const isTooLate = socketEnd.signal.aborted;
    socketEnd.abort();
    const late = new Error(`no answer from RabbitMQ within ${connectTimeoutMs} ms`);
    throw linkFailure(isTooLate ? late : error, troubles);
  } finally {
    clearTimeout(timer);
  }
}

async function connectTo(server: ServerUrl, socketEnd: AbortController): Promise<AmqpConnection> {
  // The library has no way to end a connection at once; Node's sockets take a signal for that.
  const socketOptions = { noDelay: true, timeout: connectTimeoutMs, signal: socketEnd.signal };
  const model = await connect(
    {
      protocol: server.isTls ? 'amqps' : 'amqp',
      hostname: server.host,
      port: server.port,
      vhost: server.path === '' ? '/' : encodeURIComponent(server.path),
      heartbeat: heartbeatSeconds,
      ...(server.username === undefined ? {} : { username: server.username, password: server.password ?? '' }),
    },
    socketOptions,
  );
  // Until the link listens; what happens meanwhile shows in the calls below.
  model.on('error', () => {});
  const publisher = await model.createConfirmChannel();
  const inbox = await model.createChannel();
  const consumers = await model.createChannel();
  for (const channel of [publisher, inbox, consumers]) channel.on('error', () => {});
  await inbox.assertExchange(topicExchange, 'topic', { durable: true });
  await inbox.assertExchange(directExchange, 'direct', { durable: true });
  return { model, publisher, inbox, consumers, end: () => socketEnd.abort() };
}
