import { nowMs } from '../core/clock.js';
import { deferred } from '../core/deferred.js';
import { BrokerRefusal, type Position, type Replay } from './broker.js';
import type { BrokerLink } from './broker-link.js';
import { asError } from './link-failure.js';

interface PendingReplay {
  readonly destination: string;
  readonly since: Position;
  readonly sinceMs: number;
  readonly resolve: (replay: Replay) => void;
  readonly reject: (error: BrokerRefusal) => void;
}

type Ask = (link: BrokerLink, destination: string, since: Position) => Promise<Replay>;

/** Requests for what clients missed. They survive a lost link and are asked again over the next. */
export class PendingReplays {
  readonly #askOver: Ask;
  readonly #pending = new Set<PendingReplay>();

  /** @param askOver rejects when the link is lost */
  constructor(askOver: Ask) {
    this.#askOver = askOver;
  }

  /** @param link over which to ask at once, where there is one */
  add(destination: string, since: Position, link: BrokerLink | undefined): Promise<Replay> {
    const { promise, resolve, reject } = deferred<Replay>();
    const pending = { destination, since, sinceMs: nowMs(), resolve, reject };
    this.#pending.add(pending);
    if (link !== undefined) void this.#ask(link, pending);
    return promise;
  }

  askAll(link: BrokerLink): void {
    for (const pending of this.#pending) void this.#ask(link, pending);
  }

  refuseExpired(maxWaitMs: number): void {
    const oldestMs = nowMs() - maxWaitMs;
    for (const pending of this.#pending) if (pending.sinceMs < oldestMs) this.#refuse(pending, 'The broker is away.');
  }

  refuseAll(reason: string): void {
    for (const pending of this.#pending) this.#refuse(pending, reason);
  }

  async #ask(link: BrokerLink, pending: PendingReplay): Promise<void> {
    try {
      const replay = await this.#askOver(link, pending.destination, pending.since);
      if (this.#pending.delete(pending)) pending.resolve(replay);
    } catch (error) {
      // A server that answers with an error would do so again; the next link starts afresh.
      link.destroy(asError(error));
    }
  }

  #refuse(pending: PendingReplay, reason: string): void {
    this.#pending.delete(pending);
    pending.reject(new BrokerRefusal(reason));
  }
}
