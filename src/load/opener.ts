import { nowMs } from '../core/clock.js';

const tickMs = 20;

/** What of a client an opener needs. */
interface Openable {
  start(): void;
}

/** Clients that are to be opened at some rate. */
export interface OpenerBatch {
  readonly clients: readonly Openable[];
  readonly ratePerSecond: number;
}

/**
 * Opens clients at a bounded rate, one batch after the other: thousands at once would measure the accept
 * queue of the system under test and not what it does.
 */
export class Opener {
  #batches: { clients: readonly Openable[]; ratePerSecond: number; next: number }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #lastMs = 0;
  #allowance = 0;
  #peakPerSecond = 0;
  #inSecond = 0;
  #secondMs = 0;

  /** Most clients that were opened in one second. */
  get peakPerSecond(): number {
    return Math.max(this.#peakPerSecond, this.#inSecond);
  }

  open(batches: readonly OpenerBatch[]): void {
    this.#batches = batches.map((batch) => ({ ...batch, next: 0 }));
    this.#lastMs = nowMs();
    this.#timer ??= setInterval(() => this.#tick(), tickMs);
    this.#tick();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    const batch = this.#batches[0];
    if (batch === undefined) return this.close();
    const atMs = nowMs();
    // After a stall the lost time is not made up for in one burst.
    const elapsedMs = Math.min(atMs - this.#lastMs, 5 * tickMs);
    this.#lastMs = atMs;
    this.#allowance = Math.min(this.#allowance, 1) + (batch.ratePerSecond * elapsedMs) / 1000;
    while (this.#allowance >= 1 && batch.next < batch.clients.length) {
      batch.clients[batch.next++]?.start();
      this.#allowance--;
      this.#count(atMs);
    }
    if (batch.next >= batch.clients.length) this.#batches.shift();
  }

  #count(atMs: number): void {
    if (atMs - this.#secondMs >= 1000) {
      this.#peakPerSecond = this.peakPerSecond;
      this.#secondMs = atMs;
      this.#inSecond = 0;
    }
    this.#inSecond++;
  }
}
