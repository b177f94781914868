import type { StompVersion } from '../../src/stomp/frame.js';

/** What a peer can say; what it says may be wrong at that moment. */
export type Action =
  | { readonly type: 'connect' | 'disconnect' }
  | { readonly type: 'line feed' }
  | { readonly type: 'reconnect' }
  | { readonly type: 'garbage'; readonly octets: string }
  | { readonly type: 'subscribe'; readonly id: string; readonly destination: string; readonly ack: AckMode }
  | { readonly type: 'unsubscribe'; readonly id: string }
  | { readonly type: 'send'; readonly destination: string; readonly transaction: string | undefined }
  /** `pick` chooses among the deliveries that wait for it, or among all so far. */
  | {
      readonly type: 'ack' | 'nack';
      readonly pick: number;
      readonly among: 'waiting' | 'all';
      readonly transaction: string | undefined;
    }
  | { readonly type: 'begin' | 'commit' | 'abort'; readonly transaction: string };

type Acknowledgement = Extract<Action, { type: 'ack' | 'nack' }>;

export type AckMode = 'auto' | 'client' | 'client-individual';

/** One MESSAGE as the model knows it: the nth of its session under that subscription id. */
export interface Delivery {
  readonly id: string;
  readonly nth: number;
  readonly message: number;
}

interface ModelSubscription {
  readonly id: string;
  readonly destination: string;
  readonly ack: AckMode;
  waiting: Delivery[];
}

/** What must come back. */
export type Answer = 'CONNECTED' | 'RECEIPT' | 'ERROR' | 'nothing';

/** A session as STOMP describes it, as simply as that can be said: one peer, one node, topics only. */
export class SessionModel {
  readonly version: StompVersion;
  state: 'new' | 'connected' | 'ended' = 'new';
  /** All that was delivered to this session, in order. */
  deliveries: Delivery[] = [];
  /** Messages sent by this session and those before it, so that each has another body. */
  messages = 0;
  #subscriptions = new Map<string, ModelSubscription>();
  #transactions = new Map<string, (() => void)[]>();

  constructor(version: StompVersion) {
    this.version = version;
  }

  get subscriptions(): number {
    return this.#subscriptions.size;
  }

  /** The delivery that an acknowledgement would name; undefined while there was none. */
  picked({ pick, among }: { readonly pick: number; readonly among: 'waiting' | 'all' }): Delivery | undefined {
    const waiting = [...this.#subscriptions.values()].flatMap((subscription) => subscription.waiting);
    const choice = among === 'waiting' ? waiting : this.deliveries;
    return choice[pick % Math.max(1, choice.length)];
  }

  /** Whether the action is answered with an ERROR now. */
  refuses(action: Action): boolean {
    if (action.type === 'reconnect' || action.type === 'line feed') return false;
    if (this.state === 'new') return action.type !== 'connect';
    switch (action.type) {
      case 'connect':
      case 'garbage':
        return true;
      case 'disconnect':
        return false;
      case 'subscribe':
        return this.#subscriptions.has(action.id) || (this.version === '1.0' && action.ack === 'client-individual');
      case 'unsubscribe':
        return !this.#subscriptions.has(action.id);
      case 'send':
        return !this.#isOpen(action.transaction);
      case 'ack':
      case 'nack':
        return this.#awaiting(action) === undefined || !this.#isOpen(action.transaction);
      case 'begin':
        return this.#transactions.has(action.transaction);
      case 'commit':
      case 'abort':
        return !this.#transactions.has(action.transaction);
    }
  }

  /** Takes the action and says what must be answered; an ERROR ends the session. */
  take(action: Action): Answer {
    if (this.refuses(action)) {
      this.#end();
      return 'ERROR';
    }
    this.#carryOut(action);
    if (action.type === 'reconnect' || action.type === 'line feed') return 'nothing';
    return action.type === 'connect' ? 'CONNECTED' : 'RECEIPT';
  }

  #carryOut(action: Action): void {
    switch (action.type) {
      case 'connect':
        this.state = 'connected';
        return;
      case 'reconnect':
        this.state = 'new';
        this.deliveries = [];
        return;
      case 'disconnect':
        return this.#end();
      case 'subscribe':
        this.#subscriptions.set(action.id, { ...action, waiting: [] });
        return;
      case 'unsubscribe':
        this.#subscriptions.delete(action.id);
        return;
      case 'send':
        return this.#within(action.transaction, this.#publishing(action.destination));
      case 'ack':
      case 'nack':
        return this.#within(action.transaction, this.#settling(action));
      case 'begin':
        this.#transactions.set(action.transaction, []);
        return;
      case 'commit':
      case 'abort':
        return this.#endTransaction(action.transaction, action.type);
      case 'garbage':
      case 'line feed':
        return;
    }
  }

  #isOpen(transaction: string | undefined): boolean {
    return transaction === undefined || this.#transactions.has(transaction);
  }

  #publishing(destination: string): () => void {
    const message = ++this.messages;
    return () => {
      for (const subscription of this.#subscriptions.values()) {
        if (subscription.destination !== destination) continue;
        const { id } = subscription;
        const nth = this.deliveries.filter((delivery) => delivery.id === id).length;
        const delivery = { id, nth, message };
        this.deliveries.push(delivery);
        if (subscription.ack !== 'auto') subscription.waiting.push(delivery);
      }
    };
  }

  /** Does it now, or keeps it for the COMMIT. */
  #within(transaction: string | undefined, work: () => void): void {
    if (transaction === undefined) work();
    else this.#transactions.get(transaction)?.push(work);
  }

  #settling(action: Acknowledgement): () => void {
    const subscription = this.#awaiting(action);
    const delivery = this.picked(action);
    return () => {
      if (subscription === undefined) return;
      const at = subscription.waiting.findIndex(({ message }) => message === delivery?.message);
      if (at < 0) return;
      // `client` acknowledges what came before as well.
      const from = subscription.ack === 'client' ? 0 : at;
      subscription.waiting.splice(from, at - from + 1);
    };
  }

  /** Who waits for it: in 1.0 a message id alone says that, and the first subscription that knows it is meant. */
  #awaiting(action: Acknowledgement): ModelSubscription | undefined {
    const delivery = this.picked(action);
    if (delivery === undefined || (action.type === 'nack' && this.version === '1.0')) return undefined;
    const isMeant = (id: string): boolean => this.version === '1.0' || id === delivery.id;
    return [...this.#subscriptions.values()].find(
      ({ id, waiting }) => isMeant(id) && waiting.some((one) => this.#isSame(one, delivery)),
    );
  }

  /** 1.2 names the delivery itself, the others the message. */
  #isSame(one: Delivery, other: Delivery): boolean {
    return one.message === other.message && (this.version !== '1.2' || one.nth === other.nth);
  }

  #endTransaction(transaction: string, how: 'commit' | 'abort'): void {
    const actions = this.#transactions.get(transaction) ?? [];
    this.#transactions.delete(transaction);
    if (how === 'commit') for (const action of actions) action();
  }

  #end(): void {
    this.state = 'ended';
    this.#subscriptions.clear();
    this.#transactions.clear();
  }
}
