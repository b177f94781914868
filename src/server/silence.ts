import type { HeartbeatPlan } from '../stomp/heartbeat.js';
import type { Failure } from './failure.js';
import type { Inbox } from './inbox.js';
import type { ServerLimits } from './limits.js';

/** What a peer is told that kept the server waiting. */
export function timedOut(message: string, closeCode: number): Failure {
  return { message, closeCode, countedAs: 'timedOut' };
}

/** Why a connected peer is sent away that has said nothing, or not all, for too long; undefined when it has not. */
export function silenceOf(
  inbox: Inbox,
  now: number,
  { expectEveryMs }: HeartbeatPlan,
  limits: ServerLimits,
): Failure | undefined {
  // The tolerance that stompjs uses, and a second for the network [H05].
  const silentMs = inbox.silentMs(now);
  if (expectEveryMs > 0 && silentMs > expectEveryMs * 2 + 1_000) {
    return timedOut(`No heart-beat for ${Math.round(silentMs)} ms.`, 1002);
  }
  if (inbox.partialMs(now) > limits.partialFrameTimeoutMs) {
    return timedOut('A frame stayed unfinished for too long.', 1008);
  }
  return undefined;
}
