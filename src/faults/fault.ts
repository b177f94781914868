import type { Cluster } from '../cluster/cluster.js';
import type { FaultOptions, OptionValue, OptionValues } from './option.js';

/** A fault as a scenario, or somebody at the keys, asks for it. */
export interface FaultRequest {
  /** The verb of its step. */
  readonly type: string;
  readonly options: Readonly<Record<string, OptionValue>>;
}

/** What a fault can be done to; which names that are is told by `scenario/step-targets`. */
export type FaultTarget =
  /** A process that the run starts: a node, the broker, the balancer. */
  | 'process'
  /** The link between a node and the broker. */
  | 'broker-link'
  /** The link between a node and its clients, or the broker, as the option `on` says. */
  | 'link'
  /** Whatever a command of the user's does it to; that command is an option with the name of the verb. */
  | 'command'
  /** A balancer that reads a configuration. */
  | 'configured-balancer'
  /** The clients of one group. */
  | 'group'
  /** The record that the run itself keeps. */
  | 'results';

/** What a fault may reach. */
export interface FaultScene {
  readonly cluster: Cluster;
  /** Of the run, for what is left to chance. */
  readonly seed: number;
  /** Runs a command of the user's. Rejects with an AppError when it does not end with 0 in time, or is broken off. */
  readonly run: (command: readonly string[], timeoutMs: number, signal?: AbortSignal) => Promise<void>;
  /** Breaks off a fault that takes its time; never what undoes one. */
  readonly abort: AbortSignal;
  /** Those who make the load; undefined while there are none. */
  readonly clients?: ClientDoor | undefined;
  /** What the run keeps on disk; undefined where it keeps nothing. */
  readonly record?: RecordDoor | undefined;
}

/** What a fault can do to the simulated clients of a group. Each resolves with how many it met, once that was seen. */
export interface ClientDoor {
  /** Tears their connections down; each opens the next one at once. */
  storm(group: string): Promise<number>;
  /** A share of them, above 0 and up to 1, stop reading. */
  stall(group: string, share: number): Promise<number>;
  readOn(group: string): Promise<number>;
}

/** The events of a run, or what is made of them at its end. */
export type FillablePart = 'events' | 'reports';

/** What a fault can do to the record of a run. */
export interface RecordDoor {
  /** From now on nothing of that part can be written; resolves when a write has failed. */
  fill(part: FillablePart): Promise<void>;
}

/** What became of a fault. */
export interface Injection {
  readonly type: string;
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
  /** For what lasts: the types of injections, to the same name, that end it. Empty for what is over at once. */
  readonly endedBy: readonly string[];
  /**
   * For the end of what a step did for a time: when that was begun. It ends nothing else, such as the same on another
   * side of a link. Absent where it ends whatever there is, and in records of versions that did not say so.
   */
  readonly ends?: number;
  /** For a start or restart: from the request until the process was ready. */
  readonly readyMs: number | null;
}

/**
 * One type of fault: how it is written, and how it is done. The keys of a step, their checks, the reference page and
 * the words for people are all made from this.
 */
export interface Fault<Options extends FaultOptions = FaultOptions> {
  /** The key of its step. */
  readonly verb: string;
  /** What it does, as the schema says it before the names that it can be done to. */
  readonly description: string;
  readonly target: FaultTarget;
  readonly options: Options;
  /**
   * For what goes on until it is ended, which a step can time with `for`: the verb that ends it, or `heal` when only
   * its own `heal` does. Absent for what is over once it has happened.
   */
  readonly endedBy?: string;
  /** For what lasts in a process: that its next life begins with it too. What lasts otherwise ends with the life. */
  readonly outlivesProcess?: true;
  /**
   * For what leaves a process down: the verb that brings it back, which a step can time with `for` as well. What it did
   * is over all the same once it has happened, as a contract counts its faults.
   */
  readonly broughtBackBy?: string;
  /** Where that depends on the options: whether it lasts, and whether the process loses its memory. */
  traitsOf?(options: OptionValues<Options>): { readonly lasts: boolean; readonly killed: boolean };
  readonly killed: boolean;
  readonly disturbs: boolean;
  /** Whether it brings a process, so that the time until it was ready is told. */
  readonly brings: boolean;
  /** Refuses, before anything is started, a machine that lacks what it is done with; absent where it needs nothing. */
  checkMachine?(env: Readonly<Record<string, string | undefined>>): void;
  /** Resolves when the fault was seen to have happened. Rejects with an AppError when it did not. */
  inject(scene: FaultScene, name: string, options: OptionValues<Options>): Promise<void>;
  /** Undoes what would outlive the run; absent where nothing does. Never rejects when there is nothing to undo. */
  heal?(scene: FaultScene, name: string, options: OptionValues<Options>): Promise<void>;
}
