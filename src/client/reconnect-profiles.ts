import { fullJitterMs } from '../core/backoff.js';
import { unreachable } from '../core/errors.js';
import type { Random } from '../core/random.js';

/** The time between the loss of a connection and the next attempt, as data. */
export type ReconnectRule =
  | { readonly type: 'never' }
  | { readonly type: 'fixed'; readonly delayMs: number }
  | { readonly type: 'doubling'; readonly firstMs: number; readonly maxMs: number }
  /** Base and ceiling come from the scenario. */
  | { readonly type: 'full-jitter' };

/** What clients in the field do when their connection is lost. */
export const reconnectProfiles = {
  /** @stomp/stompjs 7, client.ts: `reconnectDelay = 5000`, linear mode, no jitter. */
  'stompjs-default': { type: 'fixed', delayMs: 5000 },
  /** The same with `reconnectTimeMode: EXPONENTIAL`: doubled after each attempt up to `maxReconnectDelay`, 15 min. */
  'stompjs-exponential': { type: 'doubling', firstMs: 5000, maxMs: 15 * 60 * 1000 },
  /** sockjs-client does not reconnect by itself: a closed SockJS object stays closed. */
  'sockjs-none': { type: 'never' },
  /** What many hand-written chat clients do: wait ten seconds, always. */
  'fixed-10s': { type: 'fixed', delayMs: 10_000 },
  /** What one should do; source at `fullJitterMs`. */
  'full-jitter': { type: 'full-jitter' },
} as const satisfies Record<string, ReconnectRule>;

export type ReconnectProfile = keyof typeof reconnectProfiles;

/**
 * The delay before the next attempt, in milliseconds; undefined means that there is none.
 * @param attempt failed attempts since the last session, from 0
 * @param options base and ceiling for `full-jitter`; `delayMs` takes the place of a fixed profile's own
 */
export function reconnectDelayMs(
  profile: ReconnectProfile,
  attempt: number,
  options: { minMs: number; maxMs: number; delayMs?: number | undefined; random: Random },
): number | undefined {
  const rule: ReconnectRule = reconnectProfiles[profile];
  switch (rule.type) {
    case 'never':
      return undefined;
    case 'fixed':
      return options.delayMs ?? rule.delayMs;
    case 'doubling':
      return Math.min(rule.firstMs * 2 ** Math.min(attempt, 30), rule.maxMs);
    case 'full-jitter':
      return fullJitterMs(attempt, { baseMs: options.minMs, maxMs: options.maxMs, random: options.random });
    default:
      return unreachable(rule);
  }
}
