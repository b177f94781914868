import type { Moment } from '../core/moment.js';
import type { ToxicSpec } from '../proxy/toxics/registry.js';
import type { ProcessStatus } from '../record/snapshot.js';
import type { Child } from './child.js';
import type { ClusterEvent } from './event.js';
import type { LinkSide } from './link-side.js';
import type { ProcessSpec } from './process-spec.js';
import type { Trouble } from './trouble.js';

/** One relay node's address. */
export interface NodeAddress {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Of its WebSocket. */
  readonly url: string;
}

/** What became of a signal. */
export interface KillOutcome {
  readonly name: string;
  readonly signal: NodeJS.Signals;
  readonly pid: number;
  /** False when the process took the signal and lives on. */
  readonly hasExited: boolean;
  /** From sending the signal to observing that the process is gone and its port refuses. */
  readonly tookMs: number;
}

/**
 * A running cluster. Every verb resolves when its effect was observed, not when it was asked for, and rejects
 * with an `AppError`: `not-found` for a name that no process has (the hint lists those that exist),
 * `control-failed` when the process is in no state for it, `not-ready` and `process-failed` for a start.
 */
export interface Cluster extends AsyncDisposable {
  /** Name under which the commands find it. */
  readonly project: string;
  readonly nodes: readonly NodeAddress[];
  /** WebSocket URL of the front door; undefined without a balancer. */
  readonly balancerUrl: string | undefined;
  /** Where the nodes meet: `simple`, or the URL of a broker. */
  readonly brokerUrl: string;
  /** Asks every process now; none holds up the answer for more than a second. */
  status(): Promise<ProcessStatus[]>;
  /** The newest answers, at most half a second old; costs nothing. */
  readonly lastStatus: readonly ProcessStatus[];
  /**
   * Sends a signal, SIGKILL unless told otherwise. Resolves when the process is gone and its port
   * refuses. A signal other than SIGKILL that does not end it within two seconds resolves as well,
   * with `hasExited: false`.
   */
  kill(name: string, signal?: NodeJS.Signals): Promise<KillOutcome>;
  /**
   * Lets a node of ours kill itself with SIGKILL at that moment of its work with the next message of the load. Resolves
   * when it is gone and its port refuses; rejects with `control-failed` when no such message came within ten seconds.
   */
  killAt(name: string, moment: Moment): Promise<void>;
  /** Takes a node out of the balancer, lets it drain, and kills it after a grace of 15 s. */
  stop(name: string): Promise<void>;
  /** Starts a process that is down, on the port that it had. Resolves when it is ready. */
  start(name: string): Promise<void>;
  /** `stop` if it runs, then `start`. */
  restart(name: string): Promise<void>;
  /** SIGSTOP: the process hangs and its connections stay open. */
  pause(name: string): Promise<void>;
  unpause(name: string): Promise<void>;
  /** Whether a pause holds it; what hangs by itself does not count. */
  isPaused(name: string): boolean;
  /**
   * Breaks the link of a node to the broker, of all nodes for `broker`. Resolves when every connection is gone and
   * new ones are refused; rejects with `control-failed` when there was none, or nothing that could be cut.
   */
  cut(name: string): Promise<void>;
  /** The end of a cut; does nothing without one. */
  mend(name: string): Promise<void>;
  /**
   * Resets every connection of a node's link, once; new ones come through. Resolves when all are gone; rejects with
   * `control-failed` when there was none, or no passage in which it could be done.
   */
  resetLink(name: string, side: LinkSide): Promise<void>;
  /**
   * Puts a toxic on every connection of a node's link, the old ones and each new one, until it is cured. Resolves when
   * it is in force; rejects like `resetLink`, and is not in force then.
   */
  poison(name: string, side: LinkSide, toxic: ToxicSpec): Promise<void>;
  /** Lifts a toxic; does nothing without one. */
  cure(name: string, side: LinkSide, toxic: ToxicSpec['type']): Promise<void>;
  /** What a machine or its operator does to a process that lives on. */
  readonly trouble: Trouble;
  /**
   * Starts one more process, such as a worker, and resolves when it is ready. It is listed, watched and ended
   * with the others. Launching a name again that is down replaces it.
   */
  launch(spec: ProcessSpec): Promise<Child>;
  /** @returns how to stop listening */
  onEvent(listener: (event: ClusterEvent) => void): () => void;
  /**
   * Ends everything: workers and nodes first, then balancer and broker, each asked with SIGTERM and
   * killed when `graceMs` (2 s) are over. Nothing is left. May be called again with a shorter grace, to hurry.
   */
  close(options?: { graceMs?: number }): Promise<void>;
}
