import type { FaultAccount, FaultFact, Gap } from './account.js';
import type { Attendance, Session } from './attendance.js';
import type { Clocks } from './clocks.js';
import { type Plan, unknownNode } from './history.js';
import { type Interval, touches, widen } from './interval.js';
import { nearestRank } from './latency.js';
import type { ReconnectTimes } from './result.js';

/** A session that a client lost against its will, and its way back. */
export interface Outage {
  readonly session: Session;
  /** When the client had another session; Infinity when that never came. */
  readonly connectedAtMicros: number;
  /** When it received the first message in a later session; Infinity when that never came. */
  readonly firstMessageAtMicros: number;
  /** When everything that it had subscribed was confirmed again; Infinity when that never came. */
  readonly backAtMicros: number;
  /** Committed messages that its subscriptions missed for it. */
  messages: number;
}

/** Outages by client, oldest first. */
export type Outages = readonly (readonly Outage[])[];

const maxGaps = 1000;
const secondMicros = 1_000_000;

function backAtMicros(attendance: Attendance, lost: Session): number {
  const had = attendance
    .subscriptionsOf(lost.client)
    .filter((each) => each.windows.some((window) => window.session.number <= lost.number));
  if (had.length === 0) {
    const next = attendance.sessionsOf(lost.client).find((each) => each !== undefined && each.number > lost.number);
    return next?.openedAtMicros ?? Infinity;
  }
  return Math.max(
    ...had.map((subscription) => {
      const later = subscription.windows.filter((window) => window.session.number > lost.number);
      return Math.min(Infinity, ...later.map((window) => window.confirmedAtMicros));
    }),
  );
}

/** A session lost before any subscription was confirmed is one more attempt of the outage before it, not a new one. */
function wasEstablished(attendance: Attendance, session: Session): boolean {
  const subscriptions = attendance.subscriptionsOf(session.client);
  if (subscriptions.length === 0) return true;
  return subscriptions.some((each) =>
    each.windows.some((window) => window.session === session && window.confirmedAtMicros < Infinity),
  );
}

function outageAfter(attendance: Attendance, lost: Session): Outage {
  const later = attendance.sessionsOf(lost.client).slice(lost.number + 1);
  const firstOf = (time: 'openedAtMicros' | 'firstArrivalAtMicros'): number =>
    later.reduce((first, each) => Math.min(first, each?.[time] ?? Infinity), Infinity);
  return {
    session: lost,
    connectedAtMicros: firstOf('openedAtMicros'),
    firstMessageAtMicros: firstOf('firstArrivalAtMicros'),
    backAtMicros: backAtMicros(attendance, lost),
    messages: 0,
  };
}

/** Every established session that ended against the client's will. */
export function findOutages(plan: Plan, attendance: Attendance): Outages {
  return plan.clients.map((_, client) =>
    attendance
      .sessionsOf(client)
      .filter((each) => each !== undefined && each.closedAtMicros < Infinity && !each.intended)
      .filter((each) => each !== undefined && wasEstablished(attendance, each))
      .map((session) => outageAfter(attendance, session as Session)),
  );
}

/** Counts a message that a client missed to the latest outage that had begun when the message was committed. */
export function noteMissed(outages: Outages, client: number, committedAtMicros: number): void {
  const outage = outages[client]?.findLast((each) => each.session.lastByteAtMicros <= committedAtMicros);
  if (outage !== undefined) outage.messages++;
}

/** Outages that left a gap, the largest first, at most 1,000. */
export function gapsOf(outages: Outages, nowMicros: number): Gap[] {
  return outages
    .flat()
    .filter((outage) => outage.messages > 0)
    .map(({ session, backAtMicros, messages }) => ({
      client: session.client,
      node: session.node,
      outageMs: (Math.min(backAtMicros, nowMicros) - session.closedAtMicros) / 1000,
      messages,
    }))
    .sort((a, b) => b.messages - a.messages || a.client - b.client)
    .slice(0, maxGaps);
}

/** How long each outage lasted that came to an end, ascending. */
export function reconnectsOf(outages: Outages): number[] {
  return outages
    .flat()
    .filter((outage) => outage.backAtMicros < Infinity)
    .map((outage) => (outage.backAtMicros - outage.session.closedAtMicros) / 1000)
    .sort((a, b) => a - b);
}

/** Every reconnection is known exactly, so these are ranks of a population, not estimates from a sample. */
export function reconnectTimesOf(sorted: readonly number[]): ReconnectTimes {
  return {
    count: sorted.length,
    p50Ms: nearestRank(sorted, 50),
    p95Ms: nearestRank(sorted, 95),
    maxMs: sorted.at(-1) ?? null,
  };
}

/** A fault's window ends where the caller said, at the next fault, or at the end of the history. */
export function faultWindowsOf(faults: readonly FaultFact[], nowMicros: number): Interval[] {
  return faults.map(({ atMicros, untilMicros }) => {
    const later = faults.map((each) => each.atMicros).filter((each) => each > atMicros);
    return { fromMicros: atMicros, toMicros: untilMicros ?? Math.min(nowMicros, ...later) };
  });
}

/** Most sessions that were opened at one node within one second of the interval. */
export function peakConnectsOf(plan: Plan, attendance: Attendance, { fromMicros, toMicros }: Interval): number {
  const openedAtMicros = new Map<number, number[]>();
  for (const session of plan.clients.flatMap((_, client) => attendance.sessionsOf(client))) {
    if (session === undefined || session.openedAtMicros < fromMicros || session.openedAtMicros > toMicros) continue;
    const times = openedAtMicros.get(session.node) ?? [];
    openedAtMicros.set(session.node, times);
    times.push(session.openedAtMicros);
  }
  return [...openedAtMicros.values()].reduce((peak, times) => Math.max(peak, mostWithinSecond(times)), 0);
}

function mostWithinSecond(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  let first = 0;
  return sorted.reduce((most, at, last) => {
    while (at - (sorted[first] as number) >= secondMicros) first++;
    return Math.max(most, last - first + 1);
  }, 0);
}

/**
 * What clients saw of a fault. One that concerns no node (a broker, a balancer) may cost a session on any, and where
 * clocks are in doubt, one that may have come after it.
 */
export function faultAccountOf(
  { outages, clocks }: { readonly outages: Outages; readonly clocks: Clocks },
  fault: FaultFact,
  untilMicros: number,
): Omit<FaultAccount, 'missing' | 'peakConnectsPerSecond'> {
  const hit = outages
    .flat()
    .filter(({ session }) => fault.node === unknownNode || session.node === fault.node)
    .filter(({ session }) => {
      const closed = { fromMicros: session.closedAtMicros, toMicros: session.closedAtMicros };
      const lasts = { fromMicros: fault.atMicros, toMicros: untilMicros };
      return touches(widen(closed, clocks.doubtOf(session.client)), lasts);
    });
  const noticedAtMicros = hit.reduce((first, each) => Math.min(first, each.session.closedAtMicros), Infinity);
  const sinceMs = (micros: number): number | null =>
    Number.isFinite(micros) ? (micros - fault.atMicros) / 1000 : null;
  const connectedMicros = hit.reduce((last, each) => Math.max(last, each.connectedAtMicros), -Infinity);
  const backAgainMicros = hit.reduce((last, each) => Math.max(last, each.backAtMicros), -Infinity);
  const firstMessageMicros = hit.reduce((first, each) => Math.min(first, each.firstMessageAtMicros), Infinity);
  return {
    droppedClients: new Set(hit.map(({ session }) => session.client)).size,
    noticedMs: sinceMs(Math.max(fault.atMicros, noticedAtMicros)),
    connectedMs: sinceMs(connectedMicros),
    recoveredMs: sinceMs(backAgainMicros),
    firstMessageMs: sinceMs(firstMessageMicros),
  };
}
