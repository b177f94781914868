import type { BrokerMessage, QueueConsumer } from './broker.js';

/** A message of a queue until it is settled. */
export interface QueuedMessage {
  readonly message: BrokerMessage;
  readonly bytes: number;
  /** Its place in the queue, which it keeps when it comes back. */
  readonly place: number;
  isRedelivered: boolean;
  /** Who gave it back last, and gets it again only where nobody else takes it. */
  releasedBy: QueueConsumer | undefined;
}

interface Member {
  readonly consumer: QueueConsumer;
  readonly unsettled: Set<QueuedMessage>;
}

/**
 * One queue: messages in the order they came, and consumers in the order of their turns. A message that
 * comes back goes before all younger ones. Unbounded by itself: `Queues` decides what it takes.
 */
export class Queue {
  readonly #onSettled: (bytes: number) => void;
  #waiting: (QueuedMessage | undefined)[] = [];
  /** Index of the oldest waiting message; the array is cut now and then, not at every message. */
  #head = 0;
  /** What came back, by place. */
  readonly #returned: QueuedMessage[] = [];
  readonly #members: Member[] = [];
  /** Whose turn is next. */
  #turn = 0;
  #places = 0;
  #isDispatching = false;
  /** Messages that wait or are not settled, and their bytes. */
  size = 0;
  bytes = 0;

  /** @param onSettled told the bytes of each message that is gone */
  constructor(onSettled: (bytes: number) => void) {
    this.#onSettled = onSettled;
  }

  /** Whether it can be forgotten without loss. */
  get isUnused(): boolean {
    return this.size === 0 && this.#members.length === 0;
  }

  push(message: BrokerMessage, bytes: number): void {
    this.#waiting.push({ message, bytes, place: this.#places++, isRedelivered: false, releasedBy: undefined });
    this.size++;
    this.bytes += bytes;
    this.#dispatch();
  }

  join(consumer: QueueConsumer): void {
    this.#members.push({ consumer, unsettled: new Set() });
    this.#dispatch();
  }

  leave(consumer: QueueConsumer): void {
    const index = this.#members.findIndex((member) => member.consumer === consumer);
    const [member] = index < 0 ? [] : this.#members.splice(index, 1);
    if (member === undefined) return;
    if (index < this.#turn) this.#turn--;
    for (const queued of member.unsettled) this.#putBack(queued);
    member.unsettled.clear();
    this.#dispatch();
  }

  /** Gives out what it can; deliveries that are settled at once come back here before it has returned. */
  #dispatch(): void {
    if (this.#isDispatching) return;
    this.#isDispatching = true;
    try {
      for (let queued = this.#oldest(); queued !== undefined; queued = this.#oldest()) {
        const member = this.#nextMember(queued.releasedBy) ?? this.#nextMember(undefined);
        if (member === undefined) return;
        this.#removeOldest();
        this.#turn = this.#members.indexOf(member) + 1;
        this.#deliver(member, queued);
      }
    } finally {
      this.#isDispatching = false;
    }
  }

  /** The next in turn that may have another delivery, other than `avoided`. */
  #nextMember(avoided: QueueConsumer | undefined): Member | undefined {
    const count = this.#members.length;
    for (let i = 0; i < count; i++) {
      const member = this.#members[(this.#turn + i) % count] as Member;
      if (member.consumer !== avoided && member.unsettled.size < member.consumer.prefetch) return member;
    }
    return undefined;
  }

  #oldest(): QueuedMessage | undefined {
    return this.#returned[0] ?? this.#waiting[this.#head];
  }

  #removeOldest(): void {
    if (this.#returned.shift() !== undefined) return;
    // Emptied, so that the message can be freed before the array is cut.
    this.#waiting[this.#head++] = undefined;
    if (this.#head > 256 && this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
  }

  #deliver(member: Member, queued: QueuedMessage): void {
    member.unsettled.add(queued);
    member.consumer.deliver({
      message: queued.message,
      isRedelivered: queued.isRedelivered,
      accept: () => {
        if (!member.unsettled.delete(queued)) return;
        this.size--;
        this.bytes -= queued.bytes;
        this.#onSettled(queued.bytes);
        this.#dispatch();
      },
      release: () => {
        if (!member.unsettled.delete(queued)) return;
        queued.releasedBy = member.consumer;
        this.#putBack(queued);
        this.#dispatch();
      },
    });
  }

  #putBack(queued: QueuedMessage): void {
    queued.isRedelivered = true;
    let at = this.#returned.length;
    while (at > 0 && (this.#returned[at - 1] as QueuedMessage).place > queued.place) at--;
    this.#returned.splice(at, 0, queued);
  }
}
