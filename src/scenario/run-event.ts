import type { Injection } from '../faults/fault.js';
import type { BatchJson } from '../record/batch-json.js';
import type { Plan } from '../record/history.js';
import type { ProcessSample } from '../record/process-usage.js';
import type { Generator, Manifest } from '../record/result.js';
import type { EventLine } from '../record/snapshot.js';
import type { Testimony } from '../record/testimony.js';
import type { Scenario } from './scenario.js';

export const eventsSchema = 'cluster-chat/events@1';

/** What the caller of a run knows about itself; the rest of the manifest is found out. */
export type About = Pick<Manifest, 'version' | 'node' | 'platform' | 'cpus' | 'startedAt' | 'scenario' | 'command'>;

/** What happened to a run besides the facts of its clients. Together they are all that its result is made of. */
export type RunEvent =
  /** The first line of every file of events. Secrets of the scenario are masked. */
  | {
      readonly type: 'run-started';
      readonly schema: typeof eventsSchema;
      readonly seed: number;
      readonly workers: number;
      readonly about: About;
      readonly scenario: Scenario;
    }
  | {
      readonly type: 'system-ready';
      readonly plan: Plan;
      readonly nodes: number;
      readonly brokerKind: string;
      readonly balancerKind: string;
    }
  | { readonly type: 'load-started'; readonly atMicros: number }
  | { readonly type: 'fault-injected'; readonly injection: Injection }
  /** The state of the generator after one more of its windows. */
  | { readonly type: 'generator'; readonly generator: Generator }
  | ({ readonly type: 'noted' } & EventLine)
  /** What the processes use, every five seconds of the load. */
  | { readonly type: 'usage-measured'; readonly atMicros: number; readonly processes: readonly ProcessSample[] }
  /** Once a second, so that a record that was cut says until when it goes. */
  | { readonly type: 'tick'; readonly atMicros: number }
  /** Faults that began or ended before this were told: what nothing can change any more need not be kept. */
  | { readonly type: 'faults-complete'; readonly toMicros: number }
  /** A threshold with abortOnFail ended the load. @see Scenario.thresholds, by index */
  | { readonly type: 'threshold-crossed'; readonly index: number; readonly actual: number }
  /** Somebody asked for an early end. */
  | { readonly type: 'stop-requested' }
  /** A worker took its evidence along. */
  | { readonly type: 'evidence-cut'; readonly because: string }
  | { readonly type: 'drained'; readonly complete: boolean }
  /** How far the clock of each worker can be trusted against this process's; told before the facts that it is about. */
  | { readonly type: 'clocks'; readonly doubtsMicros: readonly number[] }
  /** What the nodes' journals say about the missing messages; where there are none it is left out. */
  | { readonly type: 'journals-read'; readonly testimony: Testimony }
  | { readonly type: 'run-ended'; readonly atMicros: number };

/** One line of `events.ndjson`. */
export type RecordLine = RunEvent | ({ readonly type: 'facts' } & BatchJson);
