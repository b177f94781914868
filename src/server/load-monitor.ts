import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { nowMs } from '../core/clock.js';
import { cpuMicros } from '../core/usage.js';
import type { NodeCounters } from './metrics.js';

const resolutionMs = 20;

/** How busy the process is, since it was last asked. */
export interface LoadReading {
  readonly cpuPercent: number;
  readonly loopDelayMs: number;
  readonly messagesPerSecond: number;
}

/** Reads CPU, event-loop delay and message rate over the time between two readings. */
export class LoadMonitor {
  readonly #counters: NodeCounters;
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: resolutionMs });
  #cpuMicros = cpuMicros();
  #atMs = nowMs();
  #messages = 0;
  #last: LoadReading = { cpuPercent: 0, loopDelayMs: 0, messagesPerSecond: 0 };

  constructor(counters: NodeCounters) {
    this.#counters = counters;
    this.#delay.enable();
  }

  read(): LoadReading {
    const elapsedMs = nowMs() - this.#atMs;
    // Two readers in the same moment would leave the second with an interval too short to mean anything.
    if (elapsedMs < 100) return this.#last;
    const cpu = cpuMicros();
    const messages = this.#counters.published + this.#counters.deliveries;
    this.#last = {
      cpuPercent: (cpu - this.#cpuMicros) / 10 / elapsedMs,
      loopDelayMs: Math.max(0, this.#delay.percentile(99) / 1e6 - resolutionMs),
      messagesPerSecond: ((messages - this.#messages) / elapsedMs) * 1000,
    };
    this.#cpuMicros = cpuMicros();
    this.#atMs = nowMs();
    this.#messages = messages;
    this.#delay.reset();
    return this.#last;
  }

  close(): void {
    this.#delay.disable();
  }
}
