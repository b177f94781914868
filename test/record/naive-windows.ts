import type { Plan, SessionFact } from '../../src/record/history.js';

export interface NaiveWindow {
  session: number;
  node: number;
  subscribeWritten: number;
  confirmed: number;
  recovered: boolean;
  certainEnd: number;
  possibleEnd: number;
  left: number;
  closedAt: number;
  lastByte: number;
  unread: number;
  closeCode: number;
  intended: boolean;
}

function closeOf(facts: readonly SessionFact[], client: number, session: number) {
  const found = facts.find((f) => f.type === 'session-closed' && f.client === client && f.session === session);
  return found?.type === 'session-closed' ? found : undefined;
}

export function naiveNode(facts: readonly SessionFact[], client: number, session: number): number {
  const found = facts.find((f) => f.type === 'session-opened' && f.client === client && f.session === session);
  return found?.type === 'session-opened' ? found.node : -1;
}

export function naiveWindows(
  facts: readonly SessionFact[],
  client: number,
  destination: number,
  now: number,
): NaiveWindow[] {
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
      lastByte: close?.lastByteAtMicros ?? Infinity,
      unread: (close?.unreadMs ?? 0) * 1000,
      closeCode: close?.closeCode ?? 0,
      intended: close?.intended ?? false,
    });
  });
  return windows;
}

/** Whether [from, to] lies in one certain window; windows bridged by `recovered:true` are one. */
export function naiveCertain(windows: readonly NaiveWindow[], from: number, to: number): boolean {
  const confirmed = windows.filter((w) => w.confirmed < Infinity);
  return confirmed.some((first, i) => {
    let last = i;
    while (confirmed[last + 1]?.recovered) last++;
    return from >= first.confirmed && to <= (confirmed[last]?.certainEnd ?? -1);
  });
}

export const overlaps = (a: number, b: number, c: number, d: number): boolean => a <= d && c <= b;

/** Whether [from, to] touches a time from UNSUBSCRIBE until the subscriber was back. */
export function naivelyUnsubscribed(windows: readonly NaiveWindow[], from: number, to: number): boolean {
  return windows.some((w, i) => {
    const next = windows[i + 1];
    const isBack = next !== undefined && next.confirmed < Infinity;
    const until = isBack ? next.confirmed : (next?.possibleEnd ?? Infinity);
    return w.left < Infinity && overlaps(from, to, w.left, until);
  });
}

export function lifeEnd(
  plan: Plan,
  facts: readonly SessionFact[],
  client: number,
  destination: number,
  now: number,
): number {
  const sessions = facts.filter((f) => f.type === 'session-opened' && f.client === client);
  const newest = Math.max(...sessions.map((f) => ('session' in f ? f.session : 0)));
  const close = closeOf(facts, client, newest);
  const left = close?.intended ? close.atMicros : Infinity;
  const own = facts.filter((f) => 'destination' in f && f.client === client && f.destination === destination);
  const lastSubscribe = own.findLastIndex((f) => f.type === 'subscribe-written');
  const unsubscribe = own.slice(lastSubscribe).find((f) => f.type === 'unsubscribe-written');
  return plan.clients.length === 0 ? now : Math.min(now, left, unsubscribe?.atMicros ?? Infinity);
}
