import { arrivalMark, type Column, type FactBatch, type Plan, publishOutcome } from '../../src/record/history.js';
import {
  lifeEnd,
  type NaiveWindow,
  naiveCertain,
  naivelyUnsubscribed,
  naiveNode,
  naiveWindows,
  overlaps,
} from './naive-windows.js';

/**
 * A second checker, written from the definitions alone: plain objects, no index, everything searched anew for every
 * question. It shares no code with the ledger and is far too slow for a run; it is right because it is plain.
 */
export interface NaiveAccount {
  readonly counts: Record<string, number>;
  readonly missing: Record<string, number>;
  readonly absent: Record<string, number>;
  readonly unexpected: Record<string, number>;
  readonly required: number[][];
  readonly arrived: number[][];
  /** By fault: pairs that are missing and were under way in its window, and clients that it cost a session. */
  readonly faults: { missing: number; droppedClients: number }[];
  /** Contracts that the history breaks. */
  readonly broken: readonly string[];
}

interface NaiveFault {
  readonly node: number;
  readonly atMicros: number;
  readonly killed: boolean;
  readonly goneAtMicros?: number;
  readonly untilMicros?: number;
}

export interface NaiveEnd {
  readonly nowMicros: number;
  readonly deadlineMicros: number;
  readonly faults: readonly NaiveFault[];
  readonly excused: readonly { fromMicros: number; toMicros: number }[];
}

function rowsOf<Name extends string>(columns: { readonly [Key in Name]: Column }): Record<Name, number>[] {
  const names = Object.keys(columns) as Name[];
  const first = columns[names[0] as Name];
  return Array.from(first, (_, i) => Object.fromEntries(names.map((name) => [name, columns[name][i]])) as never);
}

function add(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

interface Id {
  publisher: number;
  epoch: number;
  destination: number;
  sequence: number;
}
const isSameStream = (a: Id, b: Id): boolean =>
  a.publisher === b.publisher && a.epoch === b.epoch && a.destination === b.destination;
const isSame = (a: Id, b: Id): boolean => isSameStream(a, b) && a.sequence === b.sequence;

/** Losses are counted to a fault until the caller's word, the next fault, or the end. */
function endOf(fault: NaiveFault, faults: readonly NaiveFault[], now: number): number {
  const next = faults.filter((other) => other.atMicros > fault.atMicros).map((other) => other.atMicros);
  return fault.untilMicros ?? Math.min(now, ...next);
}

/** Clients who lost an established session on its node, or on any when it has none, while the fault lasted. */
function droppedBy(plan: Plan, { sessions }: FactBatch, fault: NaiveFault, until: number): number {
  return plan.clients.filter(({ subscribes }, client) =>
    sessions.some((f) => {
      if (f.type !== 'session-closed' || f.client !== client || f.intended) return false;
      const isOnNode = fault.node < 0 || naiveNode(sessions, client, f.session) === fault.node;
      const isEstablished =
        subscribes.length === 0 ||
        sessions.some((c) => c.type === 'subscription-confirmed' && c.client === client && c.session === f.session);
      return isOnNode && isEstablished && fault.atMicros <= f.atMicros && f.atMicros <= until;
    }),
  ).length;
}

/** steady: outside of faults nothing missing, twice or out of order. at-least-once: nothing missing that was promised. */
function brokenContracts({ counts, missing, unexpected }: Omit<NaiveAccount, 'broken'>): string[] {
  const some = (...found: readonly (number | undefined)[]): boolean => found.some((count) => (count ?? 0) > 0);
  const isUnexpected = some(...Object.values(unexpected));
  const { unexcusedMissing, unexcusedDuplicate, unexcusedReordered, requiredMissing } = counts;
  const isDouble = some(counts['sameSession'], counts['acrossSessions'], counts['redelivered']);
  const isSteady = !some(unexcusedMissing, unexcusedDuplicate, unexcusedReordered);
  // at-most-once: nothing twice, missing only inside of faults, and only by what a fault can cause.
  const isOnce = !isDouble && !some(unexcusedMissing, missing['never-relayed'], missing['unexplained']);
  const kept = { steady: isSteady, 'at-least-once': !some(requiredMissing), 'at-most-once': isOnce };
  return Object.entries(kept).flatMap(([contract, isKept]) => (isKept && !isUnexpected ? [] : [contract]));
}

/** Judges a whole history. */
export function checkNaively(plan: Plan, batch: FactBatch, end: NaiveEnd): NaiveAccount {
  const { deadlineMicros: deadline, faults, excused } = end;
  const facts = batch.sessions;
  const messages = rowsOf(batch.publishes);
  const settlements = rowsOf(batch.settlements);
  const arrivals = rowsOf(batch.arrivals);
  const happened = [...facts, ...settlements, ...arrivals].map((fact) => fact.atMicros);
  const written = messages.map((message) => message.writtenAtMicros).filter((at) => !Number.isNaN(at));
  const now = Math.max(end.nowMicros, ...happened, ...written);
  const faultEnd = (fault: NaiveFault): number => endOf(fault, faults, now);
  const account: Omit<NaiveAccount, 'broken'> = {
    counts: {},
    missing: {},
    absent: {},
    unexpected: {},
    required: plan.nodes.map(() => plan.nodes.map(() => 0)),
    arrived: plan.nodes.map(() => plan.nodes.map(() => 0)),
    faults: faults.map((fault) => ({ missing: 0, droppedClients: droppedBy(plan, batch, fault, faultEnd(fault)) })),
  };
  const { counts } = account;
  const windowsOf = (client: number, destination: number): NaiveWindow[] =>
    naiveWindows(facts, client, destination, now);

  const settlementOf = (message: Id) => {
    const own = settlements.filter((s) => isSame(s, message));
    return own.find((s) => s.outcome !== publishOutcome.indeterminate) ?? own[0];
  };
  const isRejected = (message: (typeof messages)[number]): boolean =>
    Number.isNaN(message.writtenAtMicros) || settlementOf(message)?.outcome === publishOutcome.rejected;

  for (const fact of facts) if (fact.type === 'unexpected-arrived') add(account.unexpected, fact.reason);
  const admitted = arrivals.filter((a) => {
    if (!plan.clients[a.subscriber]?.subscribes.includes(a.destination)) {
      add(account.unexpected, 'not-subscribed');
      return false;
    }
    const inside = windowsOf(a.subscriber, a.destination).some(
      (w) => w.session === a.session && w.subscribeWritten <= a.atMicros && a.atMicros <= w.possibleEnd,
    );
    if (!inside && !(a.marks & arrivalMark.recovered)) add(account.unexpected, 'outside-window');
    return inside || Boolean(a.marks & arrivalMark.recovered);
  });
  const isExcusedAt = (at: number): boolean => excused.some((e) => overlaps(at, at, e.fromMicros, e.toMicros));
  const firstOf = (subscriber: number, message: Id) =>
    admitted.find((a) => a.subscriber === subscriber && isSame(a, message));

  for (const arrival of admitted) {
    const message = messages.find((m) => isSame(m, arrival));
    const first = firstOf(arrival.subscriber, arrival);
    if (message === undefined) add(account.unexpected, 'unknown-message');
    else if (isRejected(message)) add(account.unexpected, 'rejected-message');
    else if (first !== arrival) {
      if (!isExcusedAt(arrival.atMicros)) add(counts, 'unexcusedDuplicate');
      if (arrival.marks & arrivalMark.redelivered) add(counts, 'redelivered');
      else add(counts, first?.session === arrival.session ? 'sameSession' : 'acrossSessions');
    } else if (!(arrival.marks & arrivalMark.recovered)) {
      const overtaken = admitted
        .slice(0, admitted.indexOf(arrival))
        .some(
          (a) =>
            a.subscriber === arrival.subscriber &&
            a.session === arrival.session &&
            !(a.marks & arrivalMark.recovered) &&
            isSameStream(a, arrival) &&
            a.sequence > arrival.sequence &&
            firstOf(a.subscriber, a) === a,
        );
      if (overtaken) add(counts, 'reordered');
      if (overtaken && !isExcusedAt(arrival.atMicros)) add(counts, 'unexcusedReordered');
    }
  }

  for (const message of messages) {
    const subscribers = plan.clients.flatMap((c, i) => (c.subscribes.includes(message.destination) ? [i] : []));
    if (isRejected(message)) {
      for (const _ of subscribers) add(account.absent, 'rejected');
      continue;
    }
    const firsts = subscribers.flatMap((s) => firstOf(s, message) ?? []);
    const settlement = settlementOf(message);
    const isAcked = settlement?.outcome === publishOutcome.acked;
    if (!isAcked && firsts.length === 0) {
      for (const _ of subscribers) add(account.absent, 'unacked');
      continue;
    }
    if (!isAcked) add(counts, 'recovered');
    const from = message.writtenAtMicros;
    const endAt = isAcked ? (settlement?.atMicros ?? 0) : Math.min(...firsts.map((a) => a.atMicros));
    const to = Math.max(from, endAt);
    const isExcused = excused.some((e) => overlaps(from, to, e.fromMicros, e.toMicros));
    const origin = naiveNode(facts, message.publisher, message.epoch);

    const cover = (windows: readonly NaiveWindow[]): NaiveWindow | undefined =>
      windows.filter((w) => w.subscribeWritten <= from && from <= w.possibleEnd).at(-1) ??
      windows.find((w) => w.subscribeWritten > from && w.confirmed < Infinity);
    const isToldOfGap = (w: NaiveWindow): boolean => !w.intended && w.closeCode === 4501;
    const isLost = (w: NaiveWindow): boolean => !w.intended && w.closedAt <= to + deadline;
    const stalled = (w: NaiveWindow): boolean => w.closedAt - w.lastByte >= 1_000_000 || w.unread >= 1_000_000;
    const isSlow = (w: NaiveWindow): boolean =>
      !w.intended && (w.closeCode === 4500 || ([1008, 1013].includes(w.closeCode) && stalled(w)));
    const witnesses = subscribers.flatMap((s) => {
      const windows = windowsOf(s, message.destination);
      const own = cover(windows);
      const counts = firstOf(s, message) === undefined && naiveCertain(windows, from, to);
      return counts && own !== undefined && (!isLost(own) || isToldOfGap(own)) ? [own.node] : [];
    });
    const gotNodes = firsts.map((a) => naiveNode(facts, a.subscriber, a.session));

    const isOvertaken = (subscriber: number, session: number): boolean =>
      messages.some((later) => {
        if (!isSameStream(later, message) || later.sequence <= message.sequence) return false;
        const first = firstOf(subscriber, later);
        return first?.session === session && !(first.marks & arrivalMark.recovered);
      });
    const causeOfLoss = (subscriber: number, windows: readonly NaiveWindow[]): string => {
      const mayHaveDied = (w: NaiveWindow): boolean => isLost(w) && !isOvertaken(subscriber, w.session);
      let own = cover(windows);
      // A window that promised what its predecessor had not answers for it.
      while (own !== undefined && mayHaveDied(own)) {
        const next = windows.slice(windows.indexOf(own) + 1).find((w) => w.confirmed < Infinity);
        if (next?.recovered !== true) break;
        own = next;
      }
      if (own === undefined) return 'unexplained';
      if (isSlow(own) && !isOvertaken(subscriber, own.session)) return 'slow-consumer';
      const wasLost = mayHaveDied(own);
      const otherwise = wasLost ? 'in-flight' : 'unexplained';
      if (firsts.length === 0) {
        const died = faults.some(
          (f) =>
            f.killed &&
            f.node === origin &&
            f.node >= 0 &&
            overlaps(from, to + deadline, f.atMicros, f.goneAtMicros ?? f.atMicros),
        );
        if (died) return 'origin-died';
        if (witnesses.length >= 2) return 'broker-gap';
        if ((!wasLost || isToldOfGap(own)) && own.node >= 0 && origin >= 0 && own.node !== origin) return 'broker-gap';
        return otherwise;
      }
      if (own.node < 0) return otherwise;
      if (gotNodes.includes(own.node)) return wasLost ? 'in-flight' : 'never-relayed';
      return witnesses.includes(own.node) ? 'broker-gap' : otherwise;
    };

    for (const subscriber of subscribers) {
      const windows = windowsOf(subscriber, message.destination);
      const isCertain = naiveCertain(windows, from, to);
      const isRequired = isCertain && !isExcused;
      const first = firstOf(subscriber, message);
      const node = first === undefined ? cover(windows)?.node : naiveNode(facts, subscriber, first.session);
      const row = account.required[origin];
      if (isRequired) {
        add(counts, 'required');
        if (row !== undefined && node !== undefined && node >= 0) {
          row[node] = (row[node] ?? 0) + 1;
          const arrivedRow = account.arrived[origin];
          if (first !== undefined && arrivedRow !== undefined) arrivedRow[node] = (arrivedRow[node] ?? 0) + 1;
        }
      }
      if (first !== undefined) {
        add(counts, first.atMicros - from > deadline || first.marks & arrivalMark.recovered ? 'late' : 'once');
        continue;
      }
      if (!isRequired && from < Math.min(Infinity, ...windows.map((w) => w.confirmed))) {
        add(account.absent, 'before-subscription');
      } else if (!isRequired && to > lifeEnd(plan, facts, subscriber, message.destination, now)) {
        add(account.absent, 'after-end');
      } else if (!isRequired && naivelyUnsubscribed(windows, from, to)) {
        add(account.absent, 'unsubscribed');
      } else {
        if (isRequired) add(counts, 'requiredMissing');
        if (!isExcused) add(counts, 'unexcusedMissing');
        faults.forEach((fault, index) => {
          const counted = account.faults[index];
          if (counted !== undefined && overlaps(from, to, fault.atMicros, faultEnd(fault))) counted.missing++;
        });
        const touched = windows.filter((w) => overlaps(from, to, w.subscribeWritten, w.possibleEnd));
        const inRace = touched.some((w) =>
          overlaps(from, to, w.subscribeWritten, Math.min(w.confirmed, w.possibleEnd)),
        );
        if (isCertain) add(account.missing, causeOfLoss(subscriber, windows));
        else if (touched.length === 0) add(account.missing, 'not-subscribed');
        else if (inRace) add(account.missing, 'subscription-race');
        else add(account.missing, touched.some(isSlow) ? 'slow-consumer' : 'in-flight');
      }
    }
  }
  return { ...account, broken: brokenContracts(account) };
}
