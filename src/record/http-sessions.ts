/** A client logged in over HTTP. */
export interface HttpLoggedIn {
  readonly type: 'http-logged-in';
  readonly client: number;
  /** Not for the first time in the run. */
  readonly again: boolean;
  readonly atMicros: number;
}

export interface HttpLoginFailed {
  readonly type: 'http-login-failed';
  readonly client: number;
  readonly atMicros: number;
}

/** A connection found its client logged out, though it had logged in. */
export interface HttpSessionLost {
  readonly type: 'http-session-lost';
  readonly client: number;
  /** Whether an earlier connection had been recognised by the session: it was there and is gone. */
  readonly atReconnect: boolean;
  readonly atMicros: number;
}

export type HttpSessionFact = HttpLoggedIn | HttpLoginFailed | HttpSessionLost;

/** HTTP sessions of a run. They are no STOMP sessions: one outlives many connections. */
export interface HttpSessionCounts {
  /** Clients that logged in. */
  readonly logins: number;
  readonly failedLogins: number;
  /** Sessions that no connection was ever recognised by: the node that had them was not the one that was asked. */
  readonly lostAtConnect: number;
  /** Sessions that were there and gone at a reconnect: the user is logged out. */
  readonly lostAtReconnect: number;
  /** Logins after the first one of a client. */
  readonly relogins: number;
}

/** Counts HTTP sessions from facts. */
export class HttpSessionTally {
  #counts: HttpSessionCounts = { logins: 0, failedLogins: 0, lostAtConnect: 0, lostAtReconnect: 0, relogins: 0 };

  add(fact: HttpSessionFact): void {
    const name = nameOf(fact);
    this.#counts = { ...this.#counts, [name]: this.#counts[name] + 1 };
  }

  counts(): HttpSessionCounts {
    return this.#counts;
  }
}

function nameOf(fact: HttpSessionFact): keyof HttpSessionCounts {
  switch (fact.type) {
    case 'http-logged-in':
      return fact.again ? 'relogins' : 'logins';
    case 'http-login-failed':
      return 'failedLogins';
    case 'http-session-lost':
      return fact.atReconnect ? 'lostAtReconnect' : 'lostAtConnect';
  }
}

/** Whether a fact is about an HTTP session. */
export function isHttpSessionFact(fact: { readonly type: string }): fact is HttpSessionFact {
  return fact.type.startsWith('http-');
}
