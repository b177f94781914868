import { createLatencyHistogram, type LatencyHistogram } from './latency.js';

/** Response times of one part of the load; null with too few samples. */
export interface LatencyWindow {
  readonly p50Ms: number | null;
  readonly p90Ms: number | null;
}

/** Enough for a test at 1 % to say something, and few enough that each has some samples. */
const windowCount = 20;

/** Response times by when the message was due: the load in 20 equal parts, so that two runs can be laid side by side. */
export interface LatencyWindows {
  add(sinceLoadMicros: number, responseMicros: number): void;
  read(): LatencyWindow[];
}

/** Empty windows. @param durationMs of the load */
export function createLatencyWindows(durationMs: number): LatencyWindows {
  const histograms: (LatencyHistogram | undefined)[] = new Array(windowCount).fill(undefined);
  return {
    add(sinceLoadMicros, responseMicros) {
      const index = Math.floor((sinceLoadMicros / (durationMs * 1000)) * windowCount);
      if (!(index >= 0 && index < windowCount)) return;
      histograms[index] ??= createLatencyHistogram();
      histograms[index]?.record(responseMicros);
    },
    read: () =>
      histograms.map((histogram) => {
        const window = histogram?.snapshot();
        return { p50Ms: window?.quantileMs(50) ?? null, p90Ms: window?.quantileMs(90) ?? null };
      }),
  };
}
