import type { FrameBatch } from './frame-batch.js';

/** What a transport tells its session. */
export interface TransportEvents {
  data(chunk: Buffer): void;
  /** The kernel took everything that was written. */
  drained(): void;
  /** The peer broke the rules of the transport itself, which now closes; told at most once. */
  faulted(): void;
  /** The connection is gone; told exactly once. */
  closed(): void;
}

/** One connection, whatever carries it. */
export interface Transport {
  readonly kind: 'websocket' | 'tcp';
  readonly remoteAddress: string;
  /** Who had logged in over HTTP when the connection was opened. */
  readonly user?: string | undefined;
  /** Bytes written here that the kernel has not taken. */
  readonly unsentBytes: number;
  /** Bytes that the kernel has taken since the connection began. */
  readonly sentBytes: number;
  /** Writes all frames with one write to the socket. Ignored once closing. */
  write(frames: FrameBatch): void;
  /** Closes after everything written has gone out, with a WebSocket close code where there is one. */
  close(code: number, reason: string): void;
  /** Cuts the connection now. */
  destroy(): void;
  /** Stops and resumes reading from the peer. */
  pause(): void;
  resume(): void;
}
