import type { Account, FaultFact } from './account.js';
import { createAttendance, nodeOf } from './attendance.js';
import { assertBalanced } from './balance.js';
import { type Clocks, oneClock } from './clocks.js';
import { drawUp, type Histograms } from './draw-up.js';
import { settleForGood } from './forget.js';
import type { FactBatch, Plan } from './history.js';
import { HttpSessionTally, isHttpSessionFact } from './http-sessions.js';
import { createIntake } from './intake.js';
import type { Interval } from './interval.js';
import { createLatencyHistogram, type Distribution } from './latency.js';
import { createLive, type LiveCounters } from './live.js';
import { faultWindowsOf, findOutages } from './outage.js';
import { tallyPairs } from './settle.js';
import type { SettleRoom } from './settle-room.js';
import { SilenceBook } from './silences.js';
import { newTally } from './tally.js';
import type { Loss, Sought, Testimony } from './testimony.js';

export interface LedgerOptions {
  /** An arrival later than this after the write is late; 5,000 by default. */
  readonly deadlineMs?: number;
  /** Told of the response time of each first arrival, in the order in which they become known. */
  readonly onDelivered?: (intendedAtMicros: number, responseMicros: number) => void;
  /** How far the times of different workers can be trusted against each other; all are of one clock by default. */
  readonly clocks?: Clocks;
}

/** The end of a history. */
export interface Settlement {
  /** The end of the history: sessions that never closed last until then, or until the latest fact if that is later. */
  readonly nowMicros: number;
  readonly faults: readonly FaultFact[];
  /** When the contract excuses what is missing, duplicated or reordered; none by default. */
  readonly excused?: readonly Interval[];
  /** What the nodes' journals say; without it every cause that they could prove is inferred. */
  readonly testimony?: Testimony | undefined;
}

/** Beyond this many missing messages causes are inferred: a run that loses so many is understood by fewer. */
const maxSoughtMessages = 200_000;

/** Every delivery of a run. Facts go in as they come; the account can be drawn up at any time. */
export interface Ledger {
  /**
   * Takes a worker's facts. Batches of different workers may come in any order, those of one worker in its own, and
   * all facts of a client must come from one worker. Throws AppError when a batch contradicts the plan.
   */
  add(batch: FactBatch): void;
  /**
   * The state so far, for people to watch: cheap enough for several times a second, and not the verdict's business.
   * @param nowMicros all facts until then are in; what is due later does not pass for missing
   */
  live(nowMicros: number): LiveCounters;
  /** Index of the node of a client's session; `unknownNode` when it was not told. */
  nodeOf(client: number, session: number): number;
  /** Response times of first arrivals since the last call of this. */
  takeRecentResponse(): Distribution;
  /**
   * Forgets what nothing can change any more, so that a run of any length needs room for its last moments only.
   * Whether and when it is called makes no difference to the account. What was not acknowledged stays, and everything
   * while clocks are in doubt.
   * @param settlement as of now, without testimony
   * @param beforeMicros faults that begin or end before this are all known
   * @returns how many messages that was
   */
  forget(settlement: Settlement, beforeMicros: number): number;
  /** What the nodes' journals should be asked about to explain what is missing; empty when nothing is. */
  seek(settlement: Settlement): Sought;
  /** The account. Changes nothing: called again it says the same. Throws AppError `accounting` if it does not balance. */
  settle(settlement: Settlement): Account;
}

/**
 * An empty ledger for a plan.
 *
 * Latencies are those of the first arrival of every written message, however its publish ended: response from the
 * intended time, service from the write, slip between the two without the sends that waited for a connection. Times of
 * two clocks are never subtracted: a pair whose two ends were seen by different ones has no latency, and is counted.
 */
export function createLedger(plan: Plan, options: LedgerOptions = {}): Ledger {
  const deadlineMicros = (options.deadlineMs ?? 5000) * 1000;
  const clocks = options.clocks ?? oneClock;
  const attendance = createAttendance(plan);
  let unmeasured = 0;
  const histograms: Histograms = {
    response: createLatencyHistogram(),
    recent: createLatencyHistogram(),
    service: createLatencyHistogram(),
    slip: createLatencyHistogram(),
  };
  const { response, recent } = histograms;
  const subscribers = plan.destinations.map((_, destination) => attendance.subscribersOf(destination).length);
  const intake = createIntake(
    attendance,
    { publishers: plan.clients.length, subscribers },
    {
      delivered(first) {
        const { intendedAtMicros, writtenAtMicros, arrivedAtMicros, isRecovered } = first;
        const doubtMicros = clocks.doubtBetween(first.publisher, first.subscriber);
        if (isRecovered || arrivedAtMicros - writtenAtMicros > deadlineMicros + doubtMicros) live.noteLate();
        if (doubtMicros > 0) unmeasured++;
        else recordLatency(histograms, arrivedAtMicros - intendedAtMicros, arrivedAtMicros - writtenAtMicros);
        if (doubtMicros === 0) options.onDelivered?.(intendedAtMicros, arrivedAtMicros - intendedAtMicros);
      },
      written: (slipMicros) => histograms.slip.record(slipMicros),
    },
  );
  const httpSessions = new HttpSessionTally();
  const silences = new SilenceBook();
  const live = createLive({ plan, clocks, attendance, intake, deadlineMicros });
  const forgotten = newTally(plan.nodes, 0);
  const roomOf = ({ nowMicros: toldMicros, faults, excused = [], testimony }: Settlement): SettleRoom => {
    // A history cannot end before what happened in it: an arrival would lie outside of every window.
    const nowMicros = Math.max(toldMicros, intake.latestMicros());
    const end = { nowMicros, faults, faultWindows: faultWindowsOf(faults, nowMicros), excused, testimony };
    const outages = findOutages(plan, attendance);
    return { plan, clocks, attendance, table: intake.table, outages, deadlineMicros, ...end };
  };
  return {
    add(batch) {
      intake.add(batch);
      for (const fact of batch.sessions) {
        if (isHttpSessionFact(fact)) httpSessions.add(fact);
        silences.add(fact);
      }
    },
    nodeOf: (client, session) => nodeOf(attendance.sessionsOf(client), session),
    live: (nowMicros) => ({
      ...live.read(nowMicros, response.snapshot()),
      httpSessions: httpSessions.counts(),
      silent: silences.settle(attendance).subscriptions,
    }),
    takeRecentResponse() {
      const taken = recent.snapshot();
      recent.reset();
      return taken;
    },
    forget({ nowMicros, excused = [] }, beforeMicros) {
      if (clocks.worstDoubt() > 0) return 0;
      live.catchUp(nowMicros);
      const { table } = intake;
      const around = { plan, clocks, attendance, table, nowMicros, deadlineMicros, excused };
      const room: SettleRoom = { ...around, outages: [], faults: [], faultWindows: [] };
      const dueMicros = Math.min(beforeMicros, nowMicros - deadlineMicros);
      const before = table.rows();
      live.moved(table.forget(settleForGood(room, forgotten, dueMicros)));
      return before - table.rows();
    },
    seek(settlement) {
      const [messages, sessions] = [new Set<string>(), new Set<string>()];
      let isCapped = false;
      const onLoss = ({ key, sessionId, originSessionId }: Loss): void => {
        if (messages.size >= maxSoughtMessages && !messages.has(key)) {
          isCapped = true;
          return;
        }
        messages.add(key);
        for (const id of [sessionId, originSessionId]) if (id !== undefined) sessions.add(id);
      };
      tallyPairs({ ...roomOf(settlement), onLoss }, forgotten);
      return { messages, sessions, isCapped };
    },
    settle(settlement) {
      const room = roomOf(settlement);
      const tally = tallyPairs(room, forgotten);
      const account = {
        ...drawUp(room, tally, intake, histograms),
        clock: { doubtMs: clocks.worstDoubt() / 1000, unmeasured },
        httpSessions: httpSessions.counts(),
        silences: silences.settle(attendance),
      };
      assertBalanced(account, { pairs: tally.pairs, reachRequired: tally.reachRequired });
      return account;
    },
  };
}

function recordLatency({ response, recent, service }: Histograms, responseMicros: number, serviceMicros: number): void {
  response.record(responseMicros);
  recent.record(responseMicros);
  service.record(serviceMicros);
}
