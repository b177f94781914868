import type { Random } from '../../src/core/random.js';
import type { Committed, HistoryReading } from './history-reading.js';
import type { ArrivalRow, HistoryRows } from './history-rows.js';
import { type Delta, type Mutated, missingPair, together } from './mutation.js';

export function pick<Value>(random: Random, values: readonly Value[]): Value | undefined {
  return values[random.int(values.length)];
}

export function without(history: HistoryRows, ...lost: readonly ArrivalRow[]): HistoryRows {
  return { ...history, arrivals: history.arrivals.filter((arrival) => !lost.includes(arrival)) };
}

/** It comes as the last of all. */
export function plus(history: HistoryRows, arrival: ArrivalRow): HistoryRows {
  return { ...history, arrivals: [...history.arrivals, arrival] };
}

/** That these arrivals no longer count as deliveries. */
export function uncounted(reading: HistoryReading, message: Committed, arrivals: readonly ArrivalRow[]): Delta {
  const late = arrivals.filter((arrival) => reading.isLate(message, arrival)).length;
  return { late: -late, once: late - arrivals.length };
}

export const unexpected = (reason: string, count = 1): Delta => ({
  unexpected: count,
  [`unexpected:${reason}`]: count,
});

export interface Pair {
  readonly message: Committed;
  readonly arrival: ArrivalRow;
}

/** Arrivals of complete messages that pass. */
export function pairs({ complete }: HistoryReading, passes: (pair: Pair) => boolean): Pair[] {
  const all = complete.flatMap((message) => message.arrivals.map((arrival) => ({ message, arrival })));
  return all.filter(passes);
}

export function dropOne(reading: HistoryReading, { message, arrival }: Pair): Mutated {
  const isRequired = reading.isRequired(message, arrival.subscriber);
  const isExcused = reading.isExcused(message);
  const missing = missingPair(reading.causeOfDrop(message, arrival), { isRequired, isExcused });
  const expected = together(uncounted(reading, message, [arrival]), missing);
  return { history: without(reading.history, arrival), expected };
}
