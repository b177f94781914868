/** A stretch of time; both ends belong to it. */
export interface Interval {
  readonly fromMicros: number;
  readonly toMicros: number;
}

/** The stretch in which all of it must lie when its times may be wrong by so much; itself when they are right. */
export function widen(interval: Interval, byMicros: number): Interval {
  if (byMicros === 0) return interval;
  return { fromMicros: interval.fromMicros - byMicros, toMicros: interval.toMicros + byMicros };
}

/** Whether two stretches have a moment in common. */
export function touches(a: Interval, b: Interval): boolean {
  return a.fromMicros <= b.toMicros && b.fromMicros <= a.toMicros;
}
