import type { GeneratorWindow } from '../load/protocol.js';
import type { Generator } from '../record/result.js';

/** Thresholds of "saturated" over any 5 s [ledger, Saturation]. */
const maxLoopDelayMs = 10;
const maxUtilisation = 0.9;
const maxSlipMs = 10;

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

  /** @param responseP99Ms of the deliveries in the same window; 0 when there were too few */
  add(window: GeneratorWindow, responseP99Ms: number): void {
    const worst = this.#worst;
    this.#worst = {
      loopDelayP99Ms: Math.max(worst.loopDelayP99Ms, window.loopDelayP99Ms),
      utilisation: Math.max(worst.utilisation, window.utilisation),
      saturated: worst.saturated || isSaturated(window, responseP99Ms),
      droppedSends: worst.droppedSends + window.droppedSends,
    };
  }

  get generator(): Generator {
    return this.#worst;
  }
}
