import { ReplyError } from 'ioredis';
import { randomToken } from '../core/random.js';
import { type BrokerMessage, BrokerRefusal, type QueueConsumer } from './broker.js';
import { asError, reasonOf } from './link-failure.js';
import { decodePayload, encodePayload } from './message-payload.js';
import type { RedisConnections } from './redis-connections.js';
import {
  dropScript,
  joinScript,
  leaseScript,
  leaveScript,
  messagesKey,
  pushScript,
  settleScript,
} from './redis-queue-scripts.js';
import { idParts } from './seen-sequences.js';

const signOfLifeEveryMs = 1_000;
/** Messages that are fetched at a time: as many may be on their way to this node. */
const fetchedAtATime = 32;

/** A message that a consumer was given. */
interface Given {
  readonly number: string;
  readonly place: string;
  readonly isRedelivered: boolean;
}

/** A consumer, and the places of what it was given and has not settled. */
interface Member {
  readonly consumer: QueueConsumer;
  readonly unsettled: Set<string>;
}

/**
 * A node's part in the queues of a Redis, for as long as one pair of connections lives. The queues are in
 * Redis and so is every decision; the node only says who wants messages and what became of them. Under
 * another name than the pair before, so that nothing settled here can mean what was brought there.
 */
export class RedisQueues {
  readonly #connections: RedisConnections;
  readonly #node = randomToken(9);
  readonly #channelPrefix: string;
  /** Where messages for this node's consumers come. */
  readonly channel: string;
  readonly #byNumber = new Map<string, Member>();
  readonly #numbers = new Map<QueueConsumer, string>();
  /** Told and not yet fetched, in the order in which they were told; never more than all prefetches together. */
  readonly #given: Given[] = [];
  #isFetching = false;
  #made = 0;
  #entered: Promise<void> | undefined;
  #signs: NodeJS.Timeout | undefined;

  constructor(connections: RedisConnections, database: number) {
    this.#connections = connections;
    // Channels, unlike keys, are shared by all databases of a server.
    this.#channelPrefix = `cluster-chat:queue-node:${database}:`;
    this.channel = this.#channelPrefix + this.#node;
  }

  /** @returns why the queue does not take it, if so; rejects with a `ReplyError` when Redis surely did not keep it */
  async push(message: Omit<BrokerMessage, 'position'>): Promise<string | undefined> {
    const { origin = '', sequence = '' } = idParts(message.id) ?? {};
    const keys = [`cluster-chat:origin:${origin}`, `cluster-chat:refused:${origin}`];
    const answer = await this.#run(pushScript, keys, message.destination, String(sequence), encodePayload(message));
    return answer === '' ? undefined : String(answer);
  }

  /** Rejects with a `BrokerRefusal` when Redis does not take it. */
  async join(consumer: QueueConsumer): Promise<void> {
    const number = String(++this.#made);
    this.#byNumber.set(number, { consumer, unsettled: new Set() });
    this.#numbers.set(consumer, number);
    try {
      this.#entered ??= this.#enter().catch((error: unknown) => {
        // The next may be luckier, once Redis has room again.
        this.#entered = undefined;
        throw error;
      });
      await this.#entered;
      // It may have left meanwhile.
      if (!this.#byNumber.has(number)) return;
      const { destination, prefetch } = consumer;
      const answer = await this.#run(joinScript, [], destination, this.#node, number, String(prefetch));
      if (answer === -1) throw this.#forgotten();
      if (answer !== '') throw new BrokerRefusal(String(answer));
    } catch (error) {
      this.#forget(consumer);
      throw error instanceof ReplyError ? new BrokerRefusal(`Redis refused: ${reasonOf(error)}.`) : error;
    }
  }

  leave(consumer: QueueConsumer): void {
    const number = this.#forget(consumer);
    if (number !== undefined) this.#do(leaveScript, consumer.destination, this.#node, number);
  }

  /** What came on `channel`: that a consumer was given a message, or only a question whether anybody listens. */
  heard(data: Buffer): void {
    const [number = '', place = '', flag] = data.toString('latin1').split(' ');
    if (!this.#byNumber.has(number)) return;
    this.#given.push({ number, place, isRedelivered: flag === '1' });
    if (this.#isFetching) return;
    this.#isFetching = true;
    this.#fetch()
      .catch((error: unknown) => this.#connections.destroy(asError(error)))
      .finally(() => {
        this.#isFetching = false;
      });
  }

  /** Nothing is settled or brought any more. */
  closed(): void {
    clearInterval(this.#signs);
    this.#byNumber.clear();
    this.#given.length = 0;
    this.#numbers.clear();
  }

  /** Gives back what is not settled. */
  end(): void {
    if (this.#entered !== undefined) this.#do(dropScript, this.#node);
    this.closed();
  }

  /** Fetches and delivers, in order, until nothing is left. */
  async #fetch(): Promise<void> {
    while (this.#given.length > 0) {
      const given = this.#given.splice(0, fetchedAtATime);
      const payloads = await Promise.all(given.map((each) => this.#payloadOf(each)));
      given.forEach((each, index) => {
        this.#deliver(each, payloads[index]);
      });
    }
  }

  async #payloadOf({ number, place }: Given): Promise<Buffer | null> {
    const consumer = this.#byNumber.get(number)?.consumer;
    if (consumer === undefined) return null;
    return this.#connections.commands.hgetBuffer(messagesKey(consumer.destination), place);
  }

  #deliver({ number, place, isRedelivered }: Given, payload: Buffer | null | undefined): void {
    const member = this.#byNumber.get(number);
    // Its leaving brought the message back; and Redis tells of nothing twice, only a stranger does.
    if (member === undefined || member.unsettled.has(place)) return;
    const { consumer, unsettled } = member;
    unsettled.add(place);
    let isSettled = false;
    const settle = (how: 'accept' | 'release' | 'gone') => {
      if (isSettled || this.#byNumber.get(number) !== member) return;
      isSettled = true;
      unsettled.delete(place);
      this.#do(settleScript, consumer.destination, `${this.#node}.${number}`, place, how);
    };
    // Somebody else removed it, unless a stranger told of it before it was there.
    if (payload === null || payload === undefined) return settle('gone');
    const message = decodePayload(consumer.destination, payload, undefined);
    // Somebody else wrote it so that nobody can read it.
    if (message === undefined) return settle('accept');
    const [accept, release] = [() => settle('accept'), () => settle('release')];
    consumer.deliver({ message, isRedelivered, accept, release });
  }

  /** Only a node that has consumers says that it lives. */
  async #enter(): Promise<void> {
    await this.#connections.subscriber.subscribe(this.channel);
    await this.#run(leaseScript, [], this.#node, 'new');
    this.#signs = setInterval(() => this.#signOfLife(), signOfLifeEveryMs);
    this.#signs.unref();
  }

  #signOfLife(): void {
    this.#run(leaseScript, [], this.#node, '').then(
      (answer) => {
        if (answer === 0) this.#connections.destroy(this.#forgotten());
      },
      (error: unknown) => this.#connections.destroy(asError(error)),
    );
  }

  #forgotten(): Error {
    return new Error('Redis no longer knew this node, which was silent for too long.');
  }

  #forget(consumer: QueueConsumer): string | undefined {
    const number = this.#numbers.get(consumer);
    this.#numbers.delete(consumer);
    if (number !== undefined) this.#byNumber.delete(number);
    return number;
  }

  /** What must not fail: if it does, the next pair of connections starts from what Redis knows. */
  #do(script: string, ...given: readonly string[]): void {
    this.#run(script, [], ...given).catch((error: unknown) => this.#connections.destroy(asError(error)));
  }

  #run(script: string, keys: readonly string[], ...given: readonly (string | Buffer)[]): Promise<unknown> {
    return this.#connections.commands.eval(script, keys.length, ...keys, this.#channelPrefix, ...given);
  }
}
