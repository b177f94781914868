import { nowMs, sleep } from '../core/clock.js';
import { randomToken } from '../core/random.js';
import { StallWatch } from '../core/stall-watch.js';
import { Admission } from './admission.js';
import { drain } from './farewell.js';
import { inBatches } from './in-batches.js';
import type { ServerContext } from './server-context.js';
import { Session } from './session.js';
import type { Transport } from './transport.js';

/** Sweeps further apart say that this process stood still, not that its peers were silent. */
const stallMs = 1_000;

/** All connections of one server. */
export class Sessions {
  readonly #context: ServerContext;
  readonly #admission: Admission;
  readonly #open = new Set<Session>();
  readonly #sweeper: NodeJS.Timeout;
  #lastRefillMs = nowMs();
  readonly #stalls = new StallWatch(stallMs, nowMs());
  #unsentBytes = 0;

  constructor(context: ServerContext) {
    this.#context = context;
    this.#admission = new Admission(context.limits);
    this.#sweeper = setInterval(() => this.#sweep(), context.sweepEveryMs);
    this.#sweeper.unref();
  }

  /** @returns undefined when the connection may come, else the reason for the refusal */
  admit(address: string): string | undefined {
    return this.#admission.admit(address);
  }

  /** Counts a connection that was refused, for whatever reason. */
  refused(): void {
    this.#context.counters.refusedConnections++;
  }

  /** An admitted connection that never became a session. */
  release(address: string): void {
    this.#admission.release(address);
  }

  open(transport: Transport): Session {
    const session = new Session(randomToken(), transport, this.#context);
    this.#open.add(session);
    this.#context.counters.connections++;
    return session;
  }

  closed(session: Session): void {
    if (this.#open.delete(session)) this.#admission.release(session.transport.remoteAddress);
  }

  get size(): number {
    return this.#open.size;
  }

  /** As of the last sweep. */
  get unsentBytes(): number {
    return this.#unsentBytes;
  }

  get subscriptions(): number {
    let count = 0;
    for (const session of this.#open) count += session.upstream?.subscriptions ?? session.subscriptions?.size ?? 0;
    return count;
  }

  [Symbol.iterator](): Iterator<Session> {
    return this.#open.values();
  }

  /**
   * Says goodbye to everybody in batches, so that they do not all come back to the other nodes in the
   * same moment. Resolves when all are gone, or after the close timeout.
   */
  async drain(code: number, reason: string): Promise<void> {
    const leaving: Promise<void>[] = [];
    await inBatches([...this.#open], 1, (session) => leaving.push(drain(session, code, reason)));
    await Promise.all(leaving);
    const deadlineMs = nowMs() + this.#context.limits.closeTimeoutMs;
    while (this.#open.size > 0 && nowMs() < deadlineMs) await sleep(10);
  }

  close(): void {
    clearInterval(this.#sweeper);
    for (const session of this.#open) session.transport.destroy();
  }

  #sweep(): void {
    const now = nowMs();
    if (this.#stalls.isAfterStall(now)) {
      // The peers have waited for it, and some may judge soon.
      for (const session of this.#open) session.beat(now);
      return;
    }
    const isNewSecond = now - this.#lastRefillMs >= 1_000;
    if (isNewSecond) this.#lastRefillMs = now;
    let unsentBytes = 0;
    for (const session of this.#open) {
      unsentBytes += session.unsentBytes;
      if (isNewSecond) session.refillFrames();
      session.sweep(now);
    }
    this.#unsentBytes = unsentBytes;
  }
}
