import { BrokerRefusal } from '../../broker/broker.js';
import type { Frame } from '../../stomp/frame.js';
import type { Session } from '../session.js';
import type { Transaction } from '../transaction.js';

/**
 * Carries out something whose end the session owes an answer for: counted while it is open, answered
 * by `done`, and by an ERROR when the broker refuses it.
 */
export function request<T>(
  session: Session,
  receiptId: string | undefined,
  work: Promise<T>,
  done: (value: T) => void | Promise<void>,
): void {
  const owesReceipt = receiptId !== undefined;
  session.requests.opened(owesReceipt);
  work
    .then(done)
    .catch((error: unknown) => {
      if (!(error instanceof BrokerRefusal)) throw error;
      if (session.context.trustsMessageIds) return session.receipt(receiptId, { refused: error.message });
      // An ERROR that names a message says that it was refused, which nobody knows of one that the broker may have.
      const named = error.isUncertain ? undefined : receiptId;
      session.fail({ message: error.message, receiptId: named, closeCode: 1013, countedAs: 'nothing' });
    })
    .finally(() => session.requests.closed(owesReceipt));
}

function frameBytes(frame: Frame): number {
  let bytes = frame.body.length;
  for (const [name, value] of frame.headers) bytes += name.length + value.length;
  return bytes;
}

/**
 * The transaction that a frame names, `none` when it names none, or `refused` after the session was told
 * that there is no such transaction or that it is full [T03, T06].
 */
export function transactionOf(session: Session, frame: Frame): Transaction | 'none' | 'refused' {
  const id = frame.headers.get('transaction');
  if (id === undefined) return 'none';
  const receiptId = frame.headers.get('receipt');
  const transaction = session.transactions?.get(id);
  if (transaction === undefined) {
    session.fail({ message: 'The transaction is not open.', receiptId });
    return 'refused';
  }
  const bytes = transaction.bytes + frameBytes(frame);
  const { maxTransactionActions, maxTransactionBytes } = session.limits;
  if (transaction.actions.length >= maxTransactionActions || bytes > maxTransactionBytes) {
    session.fail({ message: 'The transaction is too large.', receiptId, closeCode: 1009 });
    return 'refused';
  }
  transaction.bytes = bytes;
  return transaction;
}
