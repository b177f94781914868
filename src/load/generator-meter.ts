import { createHistogram, type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { nowMicros } from '../core/clock.js';
import type { GeneratorWindow } from './protocol.js';

const resolutionMs = 10;
const windowMs = 5000;

/** Watches whether this process itself keeps up [ledger, Saturation]. Tells one window every 5 s. */
export class GeneratorMeter {
  readonly #onWindow: (window: Omit<GeneratorWindow, 'worker'>) => void;
  readonly #droppedSends: () => number;
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: resolutionMs });
  /** Microseconds; the histogram takes nothing below 1. */
  readonly #slip = createHistogram({ lowest: 1, highest: 600_000_000, figures: 3 });
  #utilisation = performance.eventLoopUtilization();
  #fromMicros = nowMicros();
  #droppedBefore = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param droppedSends the total so far */
  constructor(onWindow: (window: Omit<GeneratorWindow, 'worker'>) => void, droppedSends: () => number) {
    this.#onWindow = onWindow;
    this.#droppedSends = droppedSends;
  }

  /** Begins the first window now. */
  start(): void {
    this.#delay.enable();
    this.#reset();
    this.#timer ??= setInterval(() => this.#endWindow(), windowMs);
  }

  /** Written minus intended of a send that was not held. */
  slipped(slipMicros: number): void {
    this.#slip.record(Math.min(600_000_000, Math.max(1, Math.round(slipMicros))));
  }

  /** Tells the last window, however short, and stops. */
  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#endWindow();
    this.#delay.disable();
  }

  #endWindow(): void {
    const dropped = this.#droppedSends();
    this.#onWindow({
      fromMicros: this.#fromMicros,
      toMicros: nowMicros(),
      // The monitor measures its own timer, so that an idle loop shows the resolution and not 0.
      loopDelayP99Ms: this.#delay.count === 0 ? 0 : Math.max(0, this.#delay.percentile(99) / 1e6 - resolutionMs),
      utilisation: performance.eventLoopUtilization(this.#utilisation).utilization,
      slipP99Ms: this.#slip.count === 0 ? 0 : this.#slip.percentile(99) / 1000,
      droppedSends: dropped - this.#droppedBefore,
    });
    this.#droppedBefore = dropped;
    this.#reset();
  }

  #reset(): void {
    this.#delay.reset();
    this.#slip.reset();
    this.#utilisation = performance.eventLoopUtilization();
    this.#fromMicros = nowMicros();
  }
}
