import { type Attendance, nodeOf } from './attendance.js';
import type { Clocks } from './clocks.js';
import type { Plan } from './history.js';
import type { HttpSessionCounts } from './http-sessions.js';
import type { Intake } from './intake.js';
import { type Distribution, quantilesOf } from './latency.js';
import { messageState, pairFlag, type Stream } from './message-table.js';
import type { Cause, Quantiles, Reach } from './result.js';
import { settleMessage, windowsAmong } from './settle.js';
import type { Missing, SettleRoom } from './settle-room.js';
import { newTally } from './tally.js';
import type { Windows } from './windows.js';

/** A run so far. Arrivals count at once, missing ones as soon as their deadline has passed. */
export interface LiveCounters {
  /** Messages handed to a socket. */
  readonly sent: number;
  /** Pairs that arrived, and pairs that are missing after their deadline. */
  readonly expected: number;
  readonly once: number;
  readonly late: number;
  readonly missing: number;
  readonly duplicate: number;
  readonly missingByCause: Readonly<Partial<Record<Cause, number>>>;
  readonly response: Quantiles;
  /** All response times, for other quantiles than the usual ones. */
  readonly responses: Distribution;
  /** Of messages whose deadline has passed. */
  readonly reach: Reach;
  readonly clients: { readonly connected: number; readonly total: number };
  readonly httpSessions: HttpSessionCounts;
  /** Subscriptions that were silent at least once. */
  readonly silent: number;
}

export interface Live {
  /** A first arrival came late. */
  noteLate(): void;
  read(nowMicros: number, responses: Distribution): Omit<LiveCounters, 'httpSessions' | 'silent'>;
  /** Judges what is due. Nothing that a reader has not been told of may be forgotten before. */
  catchUp(nowMicros: number): void;
  /** The table has forgotten rows that were due, and moved the others. */
  moved(movedTo: Int32Array): void;
}

/** Missing pairs looked at again for a late arrival. Older ones stay missing here; the account does not forget. */
const maxWatched = 200_000;

/** Judges each message once, with the rules of the account, when its deadline has passed. */
export function createLive(around: {
  plan: Plan;
  clocks: Clocks;
  attendance: Attendance;
  intake: Intake;
  deadlineMicros: number;
}): Live {
  const { plan, clocks, attendance, intake, deadlineMicros } = around;
  const tally = newTally(plan.nodes, 0);
  let [late, nextRow, pending, watched] = [0, 0, [] as number[], [] as Missing[]];

  const judgeDue = (nowMicros: number): void => {
    const { table } = intake;
    while (nextRow < table.rows()) pending.push(nextRow++);
    const room: SettleRoom = {
      ...{ plan, clocks, attendance, table, deadlineMicros },
      // A history cannot end before what happened in it.
      nowMicros: Math.max(nowMicros, intake.latestMicros()),
      ...{ outages: [], faults: [], faultWindows: [], excused: [] },
      onMissing: (missing) => watched.push(missing),
    };
    const of = table.messages();
    // Never written is NaN, for which the comparison fails: such a message is judged at once.
    const isDue = (row: number): boolean =>
      ((of.state[row] as number) & messageState.published) !== 0 &&
      !((of.writtenAtMicros[row] as number) + deadlineMicros >= nowMicros);
    const due = pending.filter(isDue);
    if (due.length === 0) return;
    pending = pending.filter((row) => !isDue(row));
    const written = due.map((row) => of.writtenAtMicros[row] as number).filter((micros) => !Number.isNaN(micros));
    const sinceMicros = written.reduce((oldest, each) => Math.min(oldest, each), Infinity);
    const windowsOf = new Map<number, readonly Windows[]>();
    for (const row of due) {
      const stream = table.streams[of.stream[row] as number] as Stream;
      const windows = windowsOf.get(stream.destination) ?? windowsAmong(room, stream.destination, sinceMicros);
      windowsOf.set(stream.destination, windows);
      settleMessage(room, tally, stream, row, windows);
    }
  };

  const forgiveLate = (): void => {
    const [{ firstPair }, { flags, session }] = [intake.table.messages(), intake.table.pairs()];
    watched = watched.slice(-maxWatched).filter(({ stream, sequence, cause, isRequired, origin, subscription }) => {
      const pair = (firstPair[intake.table.rowAt(stream, sequence - 1)] as number) + subscription.slot;
      if (((flags[pair] as number) & pairFlag.arrived) === 0) return true;
      tally.missingByCause[cause] = (tally.missingByCause[cause] ?? 1) - 1;
      if (isRequired) {
        tally.reach.arrive(origin, nodeOf(attendance.sessionsOf(subscription.client), session[pair] as number));
      }
      return false;
    });
  };

  const catchUp = (nowMicros: number): void => {
    forgiveLate();
    judgeDue(nowMicros);
  };

  return {
    catchUp,
    moved(movedTo) {
      pending = pending.map((row) => movedTo[row] as number);
      nextRow = intake.table.rows();
    },
    noteLate: () => {
      late++;
    },
    read(nowMicros, responses) {
      catchUp(nowMicros);
      const missing = Object.values(tally.missingByCause).reduce((a, b) => a + b, 0);
      return {
        sent: intake.written(),
        expected: intake.firsts() + missing,
        once: intake.firsts() - late,
        late,
        missing,
        duplicate: intake.duplicates(),
        missingByCause: { ...tally.missingByCause },
        response: quantilesOf(responses),
        responses,
        reach: tally.reach.toReach(),
        clients: { connected: attendance.connected(), total: plan.clients.length },
      };
    },
  };
}
