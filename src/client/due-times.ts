import type { Random } from '../core/random.js';

/** The moments at which one publisher's messages fall due, in rising order, without end. */
export interface DueTimes {
  /** The next moment, in microseconds. Never depends on when it is asked for. */
  next(): number;
}

/** One message per interval from `firstMicros` on. Computed from the number, so that no error adds up. */
export function evenTimes(firstMicros: number, intervalMicros: number): DueTimes {
  let k = 0;
  return { next: () => firstMicros + k++ * intervalMicros };
}

/** Exponential gaps with the interval as their mean: a Poisson process, as independent users make it. */
export function poissonTimes(startMicros: number, intervalMicros: number, random: Random): DueTimes {
  let atMicros = startMicros;
  return {
    next: () => {
      // 1 - u is never 0, so that the logarithm is finite.
      atMicros += -Math.log(1 - random.next()) * intervalMicros;
      return Math.round(atMicros);
    },
  };
}
