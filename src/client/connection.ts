import { type FrameHeaders, noBody } from '../stomp/frame.js';
import type { CookieJar } from './cookie-jar.js';

/** Which client library carries the sessions: our own for large numbers, or the real @stomp/stompjs. */
export const engineNames = ['lean', 'stompjs'] as const;
export type EngineName = (typeof engineNames)[number];

/**
 * A MESSAGE as the client sees it. The engine fills one object again and again: whoever wants to keep
 * something must copy it before the call returns. `body` is a window on the receive buffer.
 */
export interface IncomingMessage {
  /** The number given to `subscribe`; -1 when the server named none of ours. */
  subscription: number;
  /** Position in the destination's history, where the server says it. */
  epoch: string | undefined;
  offset: number | undefined;
  /** The server itself says that it may have been delivered before. */
  redelivered: boolean;
  atMicros: number;
  /** Whether this process had stood still, so that it may have come earlier. */
  hasWaited: boolean;
  body: Buffer;
}

/** How a connection ended. */
export interface ConnectionClosed {
  /** WebSocket close code; 1006 when there was no close frame. */
  readonly code: number;
  readonly reason: string;
  /**
   * When the last byte came; the end of what is certain. Where this process stood still before it read that,
   * the last moment that is known to be no later than it came. 0 when none ever came.
   */
  readonly lastByteAtMicros: number;
  /** Why it failed, where there was an error. */
  readonly cause: unknown;
}

/**
 * What a connection tells its owner. An object rather than callbacks: the owner implements it, and
 * thousands of idle clients hold no closures.
 */
export interface ConnectionEvents {
  /** CONNECTED came. At most once, and before all others but `closed`. */
  connected(headers: FrameHeaders): void;
  message(message: IncomingMessage): void;
  receipt(id: string, headers: FrameHeaders): void;
  /** An ERROR frame; the server closes after it. */
  error(headers: FrameHeaders, body: string): void;
  /** Exactly once, also after a failed connect; nothing comes after it. */
  closed(close: ConnectionClosed): void;
}

export interface ConnectionOptions {
  readonly url: string;
  /** Of the WebSocket handshake. */
  readonly headers: Readonly<Record<string, string>>;
  /** Sent with the handshake, and filled from its answer. */
  readonly cookies?: CookieJar | undefined;
  /** STOMP virtual host. */
  readonly host: string;
  readonly login: string | undefined;
  readonly passcode: string | undefined;
  /** What we can send and want to get [STOMP 1.2, Heart-beating]; 0 is none. */
  readonly heartbeat: { readonly sendMs: number; readonly wantMs: number };
  /** From now to CONNECTED. */
  readonly connectTimeoutMs: number;
  readonly events: ConnectionEvents;
}

/** One STOMP session over one WebSocket. Writes on a connection that is not open are silently dropped: `closed` tells. */
export interface Connection {
  /** Whether what is written now reaches the socket: between CONNECTED and the first sign of an end. */
  readonly isOpen: boolean;
  /** Bytes accepted by `send` that the operating system has not taken yet. */
  readonly unsentBytes: number;
  /** When the last byte came, a heart-beat or anything else; 0 before the first. */
  readonly lastByteAtMicros: number;
  send(destination: string, body: Buffer, receiptId?: string): void;
  /** @param headers further headers, such as `epoch` and `offset` for a replay */
  subscribe(id: number, destination: string, headers: Readonly<Record<string, string>>, receiptId: string): void;
  unsubscribe(id: number, receiptId: string): void;
  /** Graceful: DISCONNECT, its RECEIPT, close [STOMP 1.2, DISCONNECT]. Bounded to 2 s. */
  disconnect(): void;
  /**
   * Stops reading what comes, so that it fills the buffers on the way, or reads on. Heart-beats are still sent.
   * @returns false where nothing was changed
   */
  setReading(isReading: boolean): boolean;
  /** Dies at once, without a word to the server. */
  terminate(): void;
}

/** A way to open connections; shared by all clients of a worker. */
export interface Engine {
  readonly name: EngineName;
  /** Never throws: a URL that cannot be reached ends in `closed`. */
  open(options: ConnectionOptions): Connection;
  /** Stops the engine's timers; connections must be closed before. */
  close(): void;
}

/** A message with nothing in it, for an engine to fill. */
export function emptyMessage(): IncomingMessage {
  const times = { atMicros: 0, hasWaited: false };
  return { subscription: -1, epoch: undefined, offset: undefined, redelivered: false, ...times, body: noBody };
}

/** How long a graceful goodbye, or the close that follows an ERROR, may take before the connection is torn down. */
export const goodbyeTimeoutMs = 2000;
/** Largest frame that a client takes: far more than any message of a run, far less than what could hurt. */
export const maxFrameBytes = 16 * 1024 * 1024;
