import type { GeneratorWindow } from '../load/protocol.js';
import type { Generator } from '../record/result.js';

/** Thresholds of "saturated" over any 5 s [ledger, Saturation]. */
const maxLoopDelayMs = 10;
const maxUtilisation = 0.9;
const maxSlipMs = 10;
const windowMicros = 5_000_000;

/** Whether the load generator, not the system under test, was the slow one in this window. */
function isSaturated(window: GeneratorWindow, responseP99Ms: number): boolean {
  return (
    (window.loopDelayP99Ms > maxLoopDelayMs && window.loopDelayP99Ms > responseP99Ms / 2) ||
    window.utilisation > maxUtilisation ||
    (window.slipP99Ms > maxSlipMs && window.slipP99Ms > responseP99Ms / 4) ||
    window.droppedSends > 0
  );
}

/** Judges the windows that workers report. Saturation spoils latencies, never counts. */
export class SaturationJudge {
  #worst: Generator = { loopDelayP99Ms: 0, utilisation: 0, saturated: false, droppedSends: 0 };
  #p99Ms = 0;
  #takenAtMicros = 0;

  /** @param takeP99Ms response p99 of the deliveries since its last call; 0 when there were too few */
  add(window: GeneratorWindow, takeP99Ms: () => number): void {
    // All workers report the same 5 s one after the other; the deliveries of those 5 s are taken once.
    if (window.toMicros - this.#takenAtMicros > windowMicros / 2) {
      this.#p99Ms = takeP99Ms();
      this.#takenAtMicros = window.toMicros;
    }
    const worst = this.#worst;
    this.#worst = {
      loopDelayP99Ms: Math.max(worst.loopDelayP99Ms, window.loopDelayP99Ms),
      utilisation: Math.max(worst.utilisation, window.utilisation),
      saturated: worst.saturated || isSaturated(window, this.#p99Ms),
      droppedSends: worst.droppedSends + window.droppedSends,
    };
  }

  get generator(): Generator {
    return this.#worst;
  }
}
