import type { RunFolder } from '../record/run-folder.js';
import type { EventLine, ProcessStatus, RunSnapshot } from '../record/snapshot.js';
import type { Inject } from './fault-record.js';
import type { About } from './run-event.js';

/** What a run is given beside its scenario. */
export interface RunOptions {
  readonly seed: number;
  /** Worker processes that carry the clients. */
  readonly workers: number;
  /** The environment of the processes that are started. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isExecAllowed: boolean;
  /** Where facts and logs go; undefined keeps nothing. */
  readonly folder: RunFolder | undefined;
  readonly about: About;
  /** Ends the load early: the run drains, reports, and calls itself partial. */
  readonly stop: AbortSignal;
  /** Ends everything at once; `runScenario` rejects with its reason. */
  readonly abort: AbortSignal;
  readonly onEvent: (line: EventLine) => void;
  /** Called about twice a second. */
  readonly onSnapshot?: ((snapshot: RunSnapshot, processes: readonly ProcessStatus[]) => void) | undefined;
  /** Called once the system runs, with the door for those who want to break it by hand. */
  readonly onSystem?: ((inject: Inject) => void) | undefined;
}
