import type { Cluster } from '../cluster/cluster.js';

/** A fault as a scenario asks for it. */
export type FaultRequest =
  | { readonly type: 'kill'; readonly signal: NodeJS.Signals }
  | { readonly type: 'pause' | 'cut'; readonly forMs: number | undefined }
  | { readonly type: 'stop' | 'start' | 'restart' | 'unpause' | 'mend' };

export type FaultType = FaultRequest['type'];

/** What became of a fault. */
export interface Injection {
  readonly type: FaultType;
  /** The process it was done to; of a cut, whose link to the broker, where `broker` is that of all nodes. */
  readonly name: string;
  /** When it was begun, in microseconds of the host's clock. */
  readonly atMicros: number;
  /** When it was seen to have happened (a kill: process gone and port closed); undefined when it was not. */
  readonly observedAtMicros: number | undefined;
  /** Why it was not seen to have happened. */
  readonly failure: string | undefined;
  /** Whether the process lost its memory: only then can it take accepted messages with it. */
  readonly killed: boolean;
  /** Whether it hurts, so that losses may be counted to it; a start does not. */
  readonly disturbs: boolean;
  /** For a start or restart: from the request until the process was ready. */
  readonly readyMs: number | null;
}

/** How one type of fault is done. */
export interface Fault {
  readonly killed: boolean;
  readonly disturbs: boolean;
  /** Resolves when the fault was seen to have happened. Rejects with an AppError when it did not. */
  inject(cluster: Cluster, name: string, request: FaultRequest): Promise<void>;
  /** Undoes what would outlive the run; absent where nothing does. Never rejects when there is nothing to undo. */
  heal?(cluster: Cluster, name: string): Promise<void>;
}
