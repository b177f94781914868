/** How far times of a history can be trusted against each other, in microseconds. Nothing in it is negative. */
export interface Clocks {
  /** How much the times of two clients may be wrong against each other; 0 when both were read from one clock. */
  doubtBetween(a: number, b: number): number;
  /** How much a client's times may be wrong against the runner's, by which faults and the end are timed. */
  doubtOf(client: number): number;
  /** The most that any two times of the history may be wrong against each other. */
  worstDoubt(): number;
}

/** All times come from one monotonic clock, as they do where all processes share a host. */
export const oneClock: Clocks = { doubtBetween: () => 0, doubtOf: () => 0, worstDoubt: () => 0 };
