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
  session.requestOpened();
  work
    .then(done)
    .catch((error: unknown) => {
      if (!(error instanceof BrokerRefusal)) throw error;
      session.context.counters.publishesRefused++;
      session.fail({ message: error.message, receiptId, closeCode: 1013 });
    })
    .finally(() => session.requestClosed());
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
  if (transaction.actions.length >= session.limits.maxTransactionActions) {
    session.fail({ message: 'The transaction has too many actions.', receiptId, closeCode: 1009 });
    return 'refused';
  }
  return transaction;
}
