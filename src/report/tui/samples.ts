import { Ring } from '../../core/ring.js';
import type { DashboardState } from './dashboard-source.js';

const capacity = 60;
const intervalMs = 1000;

/** The values behind the sparklines, oldest first; null where there was nothing to measure. */
export interface SampleSeries {
  readonly deliveriesPerSecond: readonly (number | null)[];
  readonly p99Ms: readonly (number | null)[];
  readonly messagesPerSecond: readonly (number | null)[];
}

/** Keeps one sample a second of the states that pass by, the last 60. */
export class Samples {
  readonly #deliveries = new Ring<number | null>(capacity);
  readonly #p99 = new Ring<number | null>(capacity);
  readonly #messages = new Ring<number | null>(capacity);
  #last: { readonly atMs: number; readonly delivered: number | null } | undefined;

  /** @param nowMs monotonic time of the state */
  add(state: DashboardState, nowMs: number): void {
    const last = this.#last;
    // A little early is in time: states arrive four times a second, and jitter must not halve the rate.
    if (last !== undefined && nowMs - last.atMs < intervalMs - 100) return;
    const delivered = state.run === undefined ? null : state.run.once + state.run.late;
    this.#last = { atMs: nowMs, delivered };
    if (last === undefined) return;
    const rate =
      delivered === null || last.delivered === null
        ? null
        : (Math.max(0, delivered - last.delivered) * 1000) / (nowMs - last.atMs);
    this.#deliveries.push(rate);
    this.#p99.push(state.run?.response.p99Ms ?? null);
    this.#messages.push(totalRate(state));
  }

  series(): SampleSeries {
    return {
      deliveriesPerSecond: this.#deliveries.toArray(),
      p99Ms: this.#p99.toArray(),
      messagesPerSecond: this.#messages.toArray(),
    };
  }
}

/** Messages a second of all nodes; null when no node says. */
function totalRate(state: DashboardState): number | null {
  const rates = state.processes
    .filter((process) => process.role === 'node')
    .map((process) => process.messagesPerSecond)
    .filter((rate) => rate !== null);
  return rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0);
}
