import { AppError, unreachable } from '../core/errors.js';
import { type Plan, type SessionFact, unknownNode } from './history.js';
import { isHttpSessionFact } from './http-sessions.js';
import { isSilenceFact } from './silence-fact.js';

/** One connection of a client. Times that have not come are Infinity. */
export interface Session {
  readonly client: number;
  readonly number: number;
  node: number;
  /** As the server named it. */
  id: string | undefined;
  openedAtMicros: number;
  closedAtMicros: number;
  lastByteAtMicros: number;
  /** How long before its end its client had stopped reading, 0 where it had not. */
  unreadMs: number;
  closeCode: number;
  intended: boolean;
  /** The first and the latest arrival in it, of whatever message. */
  firstArrivalAtMicros: number;
  lastArrivalAtMicros: number;
}

/** One SUBSCRIBE of a session and what became of it. Times that have not come are Infinity. */
export interface SubscriptionWindow {
  readonly session: Session;
  writtenAtMicros: number;
  confirmedAtMicros: number;
  recovered: boolean;
  unsubscribeWrittenAtMicros: number;
  unsubscribedAtMicros: number;
}

/** A planned subscriber of a destination through all its sessions: the second half of every pair. */
export interface Subscription {
  readonly client: number;
  readonly destination: number;
  /** Its place among the subscribers of the destination. */
  readonly slot: number;
  /** In the order in which they were written. */
  readonly windows: SubscriptionWindow[];
  /** When any of them was confirmed first; Infinity when none was. */
  firstConfirmedAtMicros: number;
}

/** Of one client; the stamp and the table of pairs hold a session in 16 bits. */
const maxSessions = 0xffff;

/** Who was where when: sessions and subscriptions, from session facts. */
export interface Attendance {
  /** Facts of one client must come in the order in which they happened. */
  apply(fact: SessionFact): void;
  /** Sessions of a client by session number; there are holes where nothing was reported. */
  sessionsOf(client: number): readonly (Session | undefined)[];
  /** undefined when the plan does not know the client as a subscriber of the destination. */
  find(client: number, destination: number): Subscription | undefined;
  /** Subscribers of a destination, by slot. */
  subscribersOf(destination: number): readonly Subscription[];
  subscriptionsOf(client: number): readonly Subscription[];
  /** Clients with an open session. */
  connected(): number;
  /** Clients whose newest session is open, or ended by their own goodbye: at the end of a run everybody leaves. */
  stayed(): number;
}

/** Node of a session; `unknownNode` when it was never reported. */
export function nodeOf(sessions: readonly (Session | undefined)[], number: number): number {
  return sessions[number]?.node ?? unknownNode;
}

/** The subscription's window of that session that was possibly open at the moment; both ends count as open. */
export function windowAt(
  subscription: Subscription,
  session: number,
  atMicros: number,
): SubscriptionWindow | undefined {
  // Newest first: nearly every arrival belongs to the newest window.
  for (let i = subscription.windows.length - 1; i >= 0; i--) {
    const window = subscription.windows[i] as SubscriptionWindow;
    if (window.session.number !== session || atMicros < window.writtenAtMicros) continue;
    if (atMicros <= Math.min(window.unsubscribedAtMicros, window.session.closedAtMicros)) return window;
  }
  return undefined;
}

function isReported(session: Session | undefined): session is Session {
  return session !== undefined;
}

function newSession(client: number, number: number): Session {
  return {
    client,
    number,
    node: unknownNode,
    id: undefined,
    openedAtMicros: Infinity,
    closedAtMicros: Infinity,
    lastByteAtMicros: Infinity,
    unreadMs: 0,
    closeCode: 0,
    intended: false,
    firstArrivalAtMicros: Infinity,
    lastArrivalAtMicros: -Infinity,
  };
}

function newWindow(session: Session, writtenAtMicros: number): SubscriptionWindow {
  return {
    session,
    writtenAtMicros,
    confirmedAtMicros: Infinity,
    recovered: false,
    unsubscribeWrittenAtMicros: Infinity,
    unsubscribedAtMicros: Infinity,
  };
}

/** An attendance with every planned subscription and no session yet. */
export function createAttendance(plan: Plan): Attendance {
  const sessions: (Session | undefined)[][] = plan.clients.map(() => []);
  const subscribers: Subscription[][] = plan.destinations.map(() => []);
  const subscriptions: Subscription[][] = plan.clients.map(() => []);
  const byPair = new Map<number, Subscription>();
  const keyOf = (client: number, destination: number): number => client * plan.destinations.length + destination;
  plan.clients.forEach(({ subscribes }, client) => {
    for (const destination of new Set(subscribes)) {
      const among = subscribers[destination];
      if (among === undefined) continue;
      const subscription: Subscription = {
        ...{ client, destination, slot: among.length, windows: [] },
        firstConfirmedAtMicros: Infinity,
      };
      among.push(subscription);
      subscriptions[client]?.push(subscription);
      byPair.set(keyOf(client, destination), subscription);
    }
  });
  const find = (client: number, destination: number): Subscription | undefined =>
    destination < plan.destinations.length ? byPair.get(keyOf(client, destination)) : undefined;

  const sessionOf = (client: number, number: number): Session => {
    const own = sessions[client] ?? [];
    let session = own[number];
    if (session === undefined) {
      if (number > maxSessions)
        throw new AppError('internal', `Client ${client} opened more than ${maxSessions} sessions.`);
      session = newSession(client, number);
      own[number] = session;
    }
    return session;
  };
  return {
    apply: (fact) => applyFact(fact, sessionOf, find),
    sessionsOf: (client) => sessions[client] ?? [],
    find,
    subscribersOf: (destination) => subscribers[destination] ?? [],
    subscriptionsOf: (client) => subscriptions[client] ?? [],
    connected: () => sessions.filter((own) => own.findLast(isReported)?.closedAtMicros === Infinity).length,
    stayed: () =>
      sessions.filter((own) => {
        const newest = own.findLast(isReported);
        return newest !== undefined && (newest.closedAtMicros === Infinity || newest.intended);
      }).length,
  };
}

function applyFact(
  fact: SessionFact,
  sessionOf: (client: number, number: number) => Session,
  find: Attendance['find'],
): void {
  if (fact.type === 'unexpected-arrived' || isHttpSessionFact(fact) || isSilenceFact(fact)) return;
  const session = sessionOf(fact.client, fact.session);
  if (fact.type === 'session-opened') {
    session.node = fact.node;
    session.id = fact.id;
    session.openedAtMicros = fact.atMicros;
    return;
  }
  if (fact.type === 'session-closed') {
    session.closedAtMicros = fact.atMicros;
    session.lastByteAtMicros = Math.min(fact.lastByteAtMicros, fact.atMicros);
    session.unreadMs = fact.unreadMs ?? 0;
    session.closeCode = fact.closeCode;
    session.intended = fact.intended;
    return;
  }
  const subscription = find(fact.client, fact.destination);
  if (subscription === undefined) return;
  let window = subscription.windows.findLast((each) => each.session === session);
  if (window === undefined || fact.type === 'subscribe-written') {
    window = newWindow(session, fact.atMicros);
    subscription.windows.push(window);
  }
  switch (fact.type) {
    case 'subscribe-written':
      return;
    case 'subscription-confirmed':
      // A second confirmation (a fence after the RECEIPT) must not shorten what is certain.
      window.confirmedAtMicros = Math.min(window.confirmedAtMicros, fact.atMicros);
      subscription.firstConfirmedAtMicros = Math.min(subscription.firstConfirmedAtMicros, fact.atMicros);
      window.recovered ||= fact.recovered === true;
      return;
    case 'unsubscribe-written':
      window.unsubscribeWrittenAtMicros = fact.atMicros;
      return;
    case 'unsubscribe-confirmed':
      window.unsubscribedAtMicros = fact.atMicros;
      return;
    default:
      unreachable(fact);
  }
}
