import type { Link } from './link.js';

/** Where a backend listens. Replaced as a whole, so that its identity tells old addresses from new ones. */
export interface BackendAddress {
  readonly host: string;
  readonly port: number;
}

/** A backend as it is configured. The name also becomes the value of the sticky cookie. */
export interface BackendOptions extends BackendAddress {
  /** 1 to 64 of `A-Z a-z 0-9 . _ -`. */
  readonly name: string;
}

/** A backend as the balancer lives with it. Only the pool writes to it. */
export interface Backend {
  readonly name: string;
  address: BackendAddress;
  healthy: boolean;
  draining: boolean;
  /** Failed checks and connects since the last success. */
  failures: number;
  /** Links and connects under way; counted from the choice on, so that a burst of arrivals spreads. */
  connections: number;
  readonly links: Set<Link>;
}

/** One backend in `Balancer.status()`. */
export interface BackendStatus {
  readonly name: string;
  readonly healthy: boolean;
  readonly draining: boolean;
  readonly connections: number;
}

/** Everything that happens to a balancer and that an operator may want to read. */
export type BalancerEvent =
  | { readonly type: 'backend-up'; readonly name: string }
  | { readonly type: 'backend-down'; readonly name: string; readonly reason: string }
  | { readonly type: 'connect-failed'; readonly name: string; readonly reason: string }
  | { readonly type: 'connection-refused'; readonly reason: RefusalReason }
  | { readonly type: 'accept-failed'; readonly reason: string };

/** Why a client was turned away. */
export type RefusalReason = 'no-backend' | 'too-many-connections' | 'bad-request' | 'request-timeout';
