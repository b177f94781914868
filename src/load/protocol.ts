import type { ErrorCode } from '../core/errors.js';
import type { FactBatch } from '../record/history.js';
import type { LoadSpec } from './load-spec.js';

/** Both sides must speak the same; a worker of another version refuses `prepare`. */
export const protocolVersion = 2;

/** What is done to the clients of a group, whatever they are doing. */
export type Disturbance =
  /** Their connections are torn down, and each opens the next one at once. */
  | { readonly type: 'storm'; readonly group: string }
  /** A share of them, above 0 and up to 1, stop reading what comes over the connections that they have. */
  | { readonly type: 'stall'; readonly group: string; readonly share: number }
  /** They read on. */
  | { readonly type: 'read-on'; readonly group: string };

/** What a worker is told to do; each but `clock`, `stop` and `disturb` is answered by `done` with the same phase. */
export type ToWorker =
  /** Say at once what your clock reads. All times are those of the worker's clock, in both directions. */
  | { readonly type: 'clock'; readonly askedAtMicros: number }
  /** Plan the run and take the clients whose index modulo `workers` is `worker`. */
  | {
      readonly type: 'prepare';
      readonly version: typeof protocolVersion;
      readonly spec: LoadSpec;
      readonly worker: number;
      readonly workers: number;
    }
  /** Open every client, at most this many per second; done when all are connected and all subscriptions confirmed. */
  | { readonly type: 'connect'; readonly ratePerSecond: number }
  /** Done when every subscription has a fence from every origin, or was given up. */
  | { readonly type: 'fence' }
  /** Warm-up begins at `t0Micros`, the load after it; done when the load's time is over and its receipts are in. */
  | { readonly type: 'start'; readonly t0Micros: number }
  /** End the load now. */
  | { readonly type: 'stop' }
  /** Send the last fences; done when they are written. May be repeated, which sends them once more. */
  | { readonly type: 'drain' }
  /** Possible in every phase; answered by `disturbed` once it was seen. */
  | { readonly type: 'disturb'; readonly request: number; readonly disturbance: Disturbance }
  /** Disconnect gracefully; done when all facts are out. Nothing follows. */
  | { readonly type: 'close' };

/** What takes its time. */
export type WorkerCommand = Exclude<ToWorker, { type: 'stop' | 'clock' | 'disturb' }>;
export type WorkerPhase = WorkerCommand['type'];

/** Totals of one worker since it started; the runner adds up those of all workers. */
export interface Progress {
  readonly clients: number;
  readonly connected: number;
  /**
   * Subscriptions planned, without those that their clients have forsaken, if only for a while, and those confirmed by
   * their RECEIPT in the present session.
   */
  readonly subscriptions: number;
  readonly confirmed: number;
  /** Confirmed subscriptions that still wait for a fence from some connected origin. */
  readonly unfenced: number;
  /** [origin node][receiving node]: subscriptions that were given up for want of a fence. */
  readonly unreached: readonly (readonly number[])[];
  readonly fencesSent: number;
  readonly canariesSent: number;
  readonly sentWarmup: number;
  readonly sent: number;
  /** Sends that wait at this moment for their publisher to come back. */
  readonly heldSends: number;
  /** Sends that fell due and were given up because too many were held. */
  readonly droppedSends: number;
  /** Every MESSAGE, fences and duplicates included. */
  readonly deliveries: number;
  readonly drainSent: number;
  readonly drainArrived: number;
  readonly drainExpected: number;
  readonly failedConnects: number;
  /** Most connections that were opened in one second. */
  readonly connectPeakPerSecond: number;
  /** Why the last failed connect failed. */
  readonly lastConnectError: string | undefined;
}

/** How well a worker itself kept up, over one window of 5 s. Saturation is judged from these [ledger, Saturation]. */
export interface GeneratorWindow {
  readonly worker: number;
  readonly fromMicros: number;
  readonly toMicros: number;
  /** Event-loop delay less the monitor's own resolution. */
  readonly loopDelayP99Ms: number;
  /** Event-loop utilisation, 0 to 1. */
  readonly utilisation: number;
  /** Written minus intended of sends that were not held; 0 when there were none. */
  readonly slipP99Ms: number;
  /** Within this window. */
  readonly droppedSends: number;
}

/** What a worker says. */
export type FromWorker =
  | { readonly type: 'clock'; readonly askedAtMicros: number; readonly readAtMicros: number }
  | { readonly type: 'done'; readonly phase: WorkerPhase; readonly progress: Progress }
  /** At most every 250 ms, and only when there are facts. Typed arrays: the channel must clone structurally. */
  | { readonly type: 'facts'; readonly facts: FactBatch }
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'generator'; readonly window: GeneratorWindow }
  /** How many clients a disturbance met. */
  | { readonly type: 'disturbed'; readonly request: number; readonly clients: number }
  /** The worker cannot go on; it ends after this. */
  | {
      readonly type: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
      readonly hint: string | undefined;
    };

/**
 * A two-way road of messages between runner and worker: the IPC channel of a child process (forked with
 * `serialization: 'advanced'`, because facts are typed arrays) or two ends in one process.
 */
export interface Channel<Sent, Received> {
  send(message: Sent): void;
  /** One listener; messages that come before it is set are kept. */
  onMessage(listener: (message: Received) => void): void;
  /** The other side is gone; called once. */
  onClosed(listener: () => void): void;
}

export type RunnerChannel = Channel<ToWorker, FromWorker>;
export type WorkerChannel = Channel<FromWorker, ToWorker>;
