import { publishOutcome } from '../../src/record/history.js';
import { type Committed, HistoryReading } from './history-reading.js';
import type { HistoryRows } from './history-rows.js';
import { type Mutated, type Mutation, together } from './mutation.js';
import { pick, uncounted, unexpected, without } from './mutation-parts.js';

/** Changes one complete message and says what becomes of its arrivals. */
function ofMessage(change: (reading: HistoryReading, message: Committed) => Mutated): Mutation['apply'] {
  return (reading, random) => {
    const message = pick(
      random,
      reading.complete.filter(({ arrivals }) => arrivals.length > 0),
    );
    return message === undefined ? undefined : change(reading, message);
  };
}

const noReceipt = { acked: -1, indeterminate: 1 };

function withoutReceipt({ history }: HistoryReading, { settlement }: Committed): HistoryRows {
  return { ...history, settlements: history.settlements.filter((row) => row !== settlement) };
}

function receiptRemoved(reading: HistoryReading, message: Committed): Mutated {
  const history = withoutReceipt(reading, message);
  const changed = new HistoryReading(history);
  const now = changed.committed.find(({ publish }) => publish === message.publish) as Committed;
  const required = changed.requiredOf(now) - reading.requiredOf(message);
  return { history, expected: together(noReceipt, { recovered: 1, required }) };
}

function neverSeen(reading: HistoryReading, message: Committed): Mutated {
  const { arrivals, subscribers } = message;
  const absent = { absent: subscribers.length, 'absent:unacked': subscribers.length };
  return {
    history: without(withoutReceipt(reading, message), ...arrivals),
    expected: together(noReceipt, uncounted(reading, message, arrivals), absent, {
      required: -reading.requiredOf(message),
    }),
  };
}

function rejectedAfterAll(reading: HistoryReading, message: Committed): Mutated {
  const { arrivals, subscribers, settlement } = message;
  const settlements = reading.history.settlements.map((row) =>
    row === settlement ? { ...row, outcome: publishOutcome.rejected } : row,
  );
  const absent = { absent: subscribers.length, 'absent:rejected': subscribers.length };
  const counts = { acked: -1, rejected: 1, required: -reading.requiredOf(message) };
  return {
    history: { ...reading.history, settlements },
    expected: together(
      counts,
      uncounted(reading, message, arrivals),
      absent,
      unexpected('rejected-message', arrivals.length),
    ),
  };
}

function neverPublished(reading: HistoryReading, message: Committed): Mutated {
  const { arrivals, subscribers, publish } = message;
  const history = withoutReceipt(reading, message);
  const counts = { sent: -1, acked: -1, attempted: -subscribers.length, required: -reading.requiredOf(message) };
  return {
    history: { ...history, publishes: history.publishes.filter((row) => row !== publish) },
    expected: together(counts, uncounted(reading, message, arrivals), unexpected('unknown-message', arrivals.length)),
  };
}

/** What may happen to a publish. */
export const publishMutations: readonly Mutation[] = [
  { name: 'a receipt is removed', flagged: 'indeterminate', apply: ofMessage(receiptRemoved) },
  { name: 'a message is removed with its receipt', flagged: 'absent', apply: ofMessage(neverSeen) },
  { name: 'a message is rejected that came all the same', flagged: 'unexpected', apply: ofMessage(rejectedAfterAll) },
  { name: 'a message comes that nobody sent', flagged: 'unexpected', apply: ofMessage(neverPublished) },
];
