/** A stretch of time; both ends belong to it. */
export interface Interval {
  readonly fromMicros: number;
  readonly toMicros: number;
}

/** Whether two stretches have a moment in common. */
export function touches(a: Interval, b: Interval): boolean {
  return a.fromMicros <= b.toMicros && b.fromMicros <= a.toMicros;
}
