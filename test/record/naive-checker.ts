import {
  arrivalMark,
  type Column,
  type FactBatch,
  type Plan,
  publishOutcome,
  type SessionFact,
} from '../../src/record/history.js';

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
}

export interface NaiveEnd {
  readonly nowMicros: number;
  readonly deadlineMicros: number;
  readonly faults: readonly { node: number; atMicros: number; killed: boolean }[];
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

interface NaiveWindow {
  session: number;
  node: number;
  subscribeWritten: number;
  confirmed: number;
  recovered: boolean;
  certainEnd: number;
  possibleEnd: number;
  left: number;
  closedAt: number;
  closeCode: number;
  intended: boolean;
}

function closeOf(facts: readonly SessionFact[], client: number, session: number) {
  const found = facts.find((f) => f.type === 'session-closed' && f.client === client && f.session === session);
  return found?.type === 'session-closed' ? found : undefined;
}

function naiveNode(facts: readonly SessionFact[], client: number, session: number): number {
  const found = facts.find((f) => f.type === 'session-opened' && f.client === client && f.session === session);
  return found?.type === 'session-opened' ? found.node : -1;
}

function naiveWindows(facts: readonly SessionFact[], client: number, destination: number, now: number): NaiveWindow[] {
  const windows: NaiveWindow[] = [];
  const own = facts.filter((f) => 'destination' in f && f.client === client && f.destination === destination);
  own.forEach((fact, i) => {
    if (fact.type !== 'subscribe-written') return;
    const rest = own.slice(i + 1);
    const next = rest.findIndex((f) => f.type === 'subscribe-written');
    const mine = next < 0 ? rest : rest.slice(0, next);
    const at = (type: SessionFact['type']): number => mine.find((f) => f.type === type)?.atMicros ?? Infinity;
    const confirmation = mine.find((f) => f.type === 'subscription-confirmed');
    const close = closeOf(facts, client, fact.session);
    const confirmed = at('subscription-confirmed');
    const certainEnd = Math.min(at('unsubscribe-written'), close?.lastByteAtMicros ?? Infinity, now);
    windows.push({
      session: fact.session,
      node: naiveNode(facts, client, fact.session),
      subscribeWritten: fact.atMicros,
      confirmed,
      recovered: confirmation?.type === 'subscription-confirmed' && confirmation.recovered === true,
      certainEnd: confirmed < Infinity ? Math.max(certainEnd, confirmed) : certainEnd,
      possibleEnd: Math.min(at('unsubscribe-confirmed'), close?.atMicros ?? Infinity, now),
      left: at('unsubscribe-written'),
      closedAt: close?.atMicros ?? Infinity,
      closeCode: close?.closeCode ?? 0,
      intended: close?.intended ?? false,
    });
  });
  return windows;
}

/** Whether [from, to] lies in one certain window; windows bridged by `recovered:true` are one. */
function naiveCertain(windows: readonly NaiveWindow[], from: number, to: number): boolean {
  const confirmed = windows.filter((w) => w.confirmed < Infinity);
  return confirmed.some((first, i) => {
    let last = i;
    while (confirmed[last + 1]?.recovered) last++;
    return from >= first.confirmed && to <= (confirmed[last]?.certainEnd ?? -1);
  });
}

const overlaps = (a: number, b: number, c: number, d: number): boolean => a <= d && c <= b;

/** Whether [from, to] touches a time from UNSUBSCRIBE until the subscriber was back. */
function naivelyUnsubscribed(windows: readonly NaiveWindow[], from: number, to: number): boolean {
  return windows.some((w, i) => {
    const next = windows[i + 1];
    const isBack = next !== undefined && next.confirmed < Infinity;
    const until = isBack ? next.confirmed : (next?.possibleEnd ?? Infinity);
    return w.left < Infinity && overlaps(from, to, w.left, until);
  });
}

function lifeEnd(plan: Plan, facts: readonly SessionFact[], client: number, destination: number, now: number): number {
  const sessions = facts.filter((f) => f.type === 'session-opened' && f.client === client);
  const newest = Math.max(...sessions.map((f) => ('session' in f ? f.session : 0)));
  const close = closeOf(facts, client, newest);
  const left = close?.intended ? close.atMicros : Infinity;
  const own = facts.filter((f) => 'destination' in f && f.client === client && f.destination === destination);
  const lastSubscribe = own.findLastIndex((f) => f.type === 'subscribe-written');
  const unsubscribe = own.slice(lastSubscribe).find((f) => f.type === 'unsubscribe-written');
  return plan.clients.length === 0 ? now : Math.min(now, left, unsubscribe?.atMicros ?? Infinity);
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
  const account: NaiveAccount = {
    counts: {},
    missing: {},
    absent: {},
    unexpected: {},
    required: plan.nodes.map(() => plan.nodes.map(() => 0)),
    arrived: plan.nodes.map(() => plan.nodes.map(() => 0)),
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
    const isLost = (w: NaiveWindow): boolean => !w.intended && w.closedAt <= to + deadline;
    const isSlow = (w: NaiveWindow): boolean => !w.intended && [1008, 1013, 4500].includes(w.closeCode);
    const witnesses = subscribers.flatMap((s) => {
      const windows = windowsOf(s, message.destination);
      const own = cover(windows);
      const counts = firstOf(s, message) === undefined && naiveCertain(windows, from, to);
      return counts && own !== undefined && !isLost(own) ? [own.node] : [];
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
          (f) => f.killed && f.node === origin && f.node >= 0 && f.atMicros >= from && f.atMicros <= to + deadline,
        );
        if (died) return 'origin-died';
        if (witnesses.length >= 2) return 'broker-gap';
        if (!wasLost && own.node >= 0 && origin >= 0 && own.node !== origin) return 'broker-gap';
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
  return account;
}
