import { nowMs } from '../core/clock.js';
import { deferred } from '../core/deferred.js';
import { FrameHeaders } from '../stomp/frame.js';
import { type BrokerMessage, BrokerRefusal, type Position, type Replay } from './broker.js';
import type { StompLink } from './stomp-link.js';
import type { SubscribeAnswer } from './watches.js';

/** How long a request may wait for the broker before it is refused. */
const maxWaitMs = 10_000;

interface ReplayRequest {
  readonly id: string;
  readonly destination: string;
  readonly since: Position;
  readonly sinceMs: number;
  messages: BrokerMessage[];
  readonly resolve: (replay: Replay) => void;
  readonly reject: (error: BrokerRefusal) => void;
}

/**
 * Requests for what clients missed, each a subscription of its own that ends with its RECEIPT: the
 * broker sends the replayed messages before it. A request survives the connection and starts again.
 */
export class ReplayRequests {
  readonly #byId = new Map<string, ReplayRequest>();
  #made = 0;

  add(destination: string, since: Position): { request: ReplayRequest; replay: Promise<Replay> } {
    const id = `r-${++this.#made}`;
    const { promise: replay, resolve, reject } = deferred<Replay>();
    const request = { id, destination, since, sinceMs: nowMs(), messages: [], resolve, reject };
    this.#byId.set(id, request);
    return { request, replay };
  }

  send(link: StompLink, request: ReplayRequest): void {
    const { id, destination, since } = request;
    link.send(
      'SUBSCRIBE',
      FrameHeaders.of({ id, destination, receipt: id, epoch: since.epoch, offset: String(since.offset) }),
    );
  }

  sendAll(link: StompLink): void {
    for (const request of this.#byId.values()) this.send(link, request);
  }

  /** @returns whether the message belongs to a request, open or ended */
  collect(id: string, message: BrokerMessage): boolean {
    this.#byId.get(id)?.messages.push({ ...message, body: Buffer.from(message.body) });
    return id.startsWith('r-');
  }

  /** @returns the subscription to end when the receipt belongs to a request, also to one that was given up */
  confirm(id: string, answer: SubscribeAnswer): string | undefined {
    const request = this.#byId.get(id);
    if (request === undefined) return id.startsWith('r-') ? id : undefined;
    this.#byId.delete(id);
    const { position } = answer;
    if (answer.recovered === 'true' && position !== undefined) {
      request.resolve({ recovered: true, messages: request.messages, position });
    } else {
      request.resolve({ recovered: false, position });
    }
    return id;
  }

  connectionLost(): void {
    for (const request of this.#byId.values()) request.messages = [];
  }

  refuseExpired(): void {
    const oldestMs = nowMs() - maxWaitMs;
    for (const request of [...this.#byId.values()]) {
      if (request.sinceMs < oldestMs) this.#refuse(request, 'The broker is away.');
    }
  }

  refuseAll(reason: string): void {
    for (const request of [...this.#byId.values()]) this.#refuse(request, reason);
  }

  #refuse(request: ReplayRequest, reason: string): void {
    this.#byId.delete(request.id);
    request.reject(new BrokerRefusal(reason));
  }
}
