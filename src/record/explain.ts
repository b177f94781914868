import { causeOfLoss, isSlowClose } from './cause.js';
import { answerableWindow, gatherEvidence } from './evidence.js';
import type { Cause } from './result.js';
import type { Committed, SettleRoom } from './settle-room.js';
import { causeByTestimony, type Loss, messageKey } from './testimony.js';
import type { Windows } from './windows.js';

/**
 * The cause of a missing delivery that the subscriber's windows called for: from the nodes' journals where they prove
 * it, inferred from what clients saw where they do not.
 */
export function causeOfMissing(
  room: SettleRoom,
  message: Committed,
  windows: Windows,
  pair: number,
): { cause: Cause; isInferred: boolean } {
  const { window, endsEarly, isLost } = answerableWindow(room, message, windows, pair - message.firstPair);
  if (window === undefined) return { cause: 'unexplained', isInferred: false };
  message.evidence ??= gatherEvidence(
    { ...message, pairs: room.table.pairs() },
    { ...room, nodeCount: room.plan.nodes.length },
  );
  const loss = lossOf(room, message, { sessionId: window.session.id, endsEarly, isLost });
  room.onLoss?.(loss);
  const proven = room.testimony && causeByTestimony(room.testimony, loss);
  if (proven !== undefined) return { cause: proven, isInferred: false };
  const cause = causeOfLoss(window, { isLost, isSlow: endsEarly && isSlowClose(window) }, message.evidence);
  return { cause, isInferred: cause !== 'unexplained' };
}

function lossOf(room: SettleRoom, message: Committed, end: Pick<Loss, 'sessionId' | 'endsEarly' | 'isLost'>): Loss {
  const { publisher, epoch, destination } = message.stream;
  const sequence = room.table.messages().sequence[message.row] as number;
  return {
    key: messageKey({ publisher, epoch, destination, sequence }),
    toMicros: message.toMicros,
    endMicros: room.nowMicros,
    originSessionId: room.attendance.sessionsOf(publisher)[epoch]?.id,
    anybody: message.evidence?.anybody ?? false,
    ...end,
  };
}
