/**
 * Tells from a timer that comes too late that this process stood still. What its peers sent meanwhile waits in the
 * kernel and is read before the timer comes again; only then may they be judged for their silence.
 */
export class StallWatch {
  readonly #toleranceMs: number;
  #lastMs: number;

  /** @param toleranceMs more than this between two turns of the timer is a stall */
  constructor(toleranceMs: number, nowMs: number) {
    this.#toleranceMs = toleranceMs;
    this.#lastMs = nowMs;
  }

  /** To be asked once at every turn of the timer. */
  isAfterStall(nowMs: number): boolean {
    const passedMs = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    return passedMs > this.#toleranceMs;
  }
}
