import type { Frame } from '../../stomp/frame.js';
import type { Session } from '../session.js';
import type { Transaction } from '../transaction.js';
import { request } from './request.js';

/** Takes the named transaction out of the session, or tells the client that there is none [T01, T03]. */
function takeTransaction(session: Session, frame: Frame): Transaction | undefined {
  const id = frame.headers.get('transaction');
  const transaction = id === undefined ? undefined : session.transactions?.get(id);
  if (transaction === undefined) {
    const message = id === undefined ? 'The header transaction is missing.' : 'The transaction is not open.';
    session.fail({ message, receiptId: frame.headers.get('receipt') });
    return undefined;
  }
  session.transactions?.delete(transaction.id);
  return transaction;
}

/** [STOMP 1.2, BEGIN] */
export function handleBegin(session: Session, frame: Frame): void {
  const receiptId = frame.headers.get('receipt');
  const id = frame.headers.get('transaction');
  if (id === undefined) return session.fail({ message: 'The header transaction is missing.', receiptId }); // [T01]
  session.transactions ??= new Map();
  if (session.transactions.has(id)) return session.fail({ message: 'The transaction is already open.', receiptId }); // [T02]
  if (session.transactions.size >= session.limits.maxTransactions) {
    return session.fail({ message: 'Too many transactions are open.', receiptId, closeCode: 1008 }); // [T06]
  }
  session.transactions.set(id, { id, actions: [], bytes: 0 });
  session.receipt(receiptId);
}

/** [STOMP 1.2, COMMIT] Carries everything out in the order it was asked for [T04]. */
export function handleCommit(session: Session, frame: Frame): void {
  const transaction = takeTransaction(session, frame);
  if (transaction === undefined) return;
  const receiptId = frame.headers.get('receipt');
  const all = Promise.all(transaction.actions.map((action) => action()));
  request(session, receiptId, all, () => session.receipt(receiptId));
}

/** [STOMP 1.2, ABORT] */
export function handleAbort(session: Session, frame: Frame): void {
  if (takeTransaction(session, frame) !== undefined) session.receipt(frame.headers.get('receipt'));
}
