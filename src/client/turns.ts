/** How often a timer must turn that knows whether its process stood still. */
export const turnEveryMs = 250;
/** Turns further apart than this say that it did. */
const toleranceMicros = 500_000;

/**
 * Knows how long ago what is read at this moment may have come: what the peers of a process sent while it stood still
 * waits in the kernel, and is read just before or just after its timer turns again.
 */
export class Turns {
  #atMicros = 0;
  /** The last turn before it stood still; Infinity once a turn came in time again. */
  #beforeStallMicros = Number.POSITIVE_INFINITY;

  /** The timer is started. */
  begin(atMicros: number): void {
    this.#atMicros = atMicros;
    this.#beforeStallMicros = Number.POSITIVE_INFINITY;
  }

  /** The timer turns. */
  turned(atMicros: number): void {
    const isLate = atMicros - this.#atMicros > toleranceMicros;
    this.#beforeStallMicros = isLate ? Math.min(this.#beforeStallMicros, this.#atMicros) : Number.POSITIVE_INFINITY;
    this.#atMicros = atMicros;
  }

  /** What is read at this moment came no earlier than that: mostly the moment itself. */
  earliest(atMicros: number): number {
    const isLate = atMicros - this.#atMicros > toleranceMicros;
    return Math.min(atMicros, this.#beforeStallMicros, isLate ? this.#atMicros : atMicros);
  }
}
