import type { FaultFact } from './account.js';
import type { Attendance, Subscription } from './attendance.js';
import type { Evidence } from './cause.js';
import type { Clocks } from './clocks.js';
import type { Plan } from './history.js';
import type { Interval } from './interval.js';
import type { MessageTable, Stream } from './message-table.js';
import type { Outages } from './outage.js';
import type { Cause } from './result.js';
import type { Loss, Testimony } from './testimony.js';
import type { Windows } from './windows.js';

/** Everything that settling reads. */
export interface SettleRoom {
  readonly plan: Plan;
  readonly clocks: Clocks;
  readonly attendance: Attendance;
  readonly table: MessageTable;
  readonly outages: Outages;
  readonly nowMicros: number;
  readonly deadlineMicros: number;
  readonly faults: readonly FaultFact[];
  /** When losses are counted to each fault. */
  readonly faultWindows: readonly Interval[];
  readonly excused: readonly Interval[];
  /** What the nodes' journals say. */
  readonly testimony?: Testimony | undefined;
  /** Told of every loss that journals could explain. */
  readonly onLoss?: (loss: Loss) => void;
  /** Told of every missing pair. */
  readonly onMissing?: (missing: Missing) => void;
}

/** A pair just found missing. */
export interface Missing {
  readonly stream: Stream;
  readonly sequence: number;
  readonly origin: number;
  readonly subscription: Subscription;
  readonly cause: Cause;
  readonly isRequired: boolean;
}

/** One committed message on its way through `settlePair`. */
export interface Committed extends Interval {
  readonly stream: Stream;
  readonly row: number;
  readonly origin: number;
  readonly firstPair: number;
  readonly windows: readonly Windows[];
  /** How much its end may be wrong, if that was seen by others than its publisher. */
  readonly doubtMicros: number;
  readonly isExcused: boolean;
  readonly faultsTouched: readonly number[];
  /** Gathered with the first loss. */
  evidence: Evidence | undefined;
}
