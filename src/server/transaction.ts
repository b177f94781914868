/**
 * One thing that a COMMIT carries out. Resolves when it is done, for a SEND when the broker has the
 * message; rejects with a `BrokerRefusal`.
 */
export type TransactionAction = () => Promise<void>;

/** An open transaction of one session; nothing of it is visible before COMMIT [T04]. */
export interface Transaction {
  readonly id: string;
  readonly actions: TransactionAction[];
  /** Octets of the frames that the actions keep. */
  bytes: number;
}
