import type { Account, MissingPair } from './account.js';
import type { Attendance } from './attendance.js';
import type { Plan } from './history.js';
import type { Intake } from './intake.js';
import { type LatencyHistogram, quantilesOf } from './latency.js';
import { faultAccountOf, gapsOf, peakConnectsOf, reconnectsOf, reconnectTimesOf } from './outage.js';
import type { SettleRoom } from './settle-room.js';
import type { Tally } from './tally.js';

/** Latencies of a run; `recent` those since somebody looked. */
export interface Histograms {
  readonly response: LatencyHistogram;
  readonly recent: LatencyHistogram;
  readonly service: LatencyHistogram;
  readonly slip: LatencyHistogram;
}

/** Puts an account together from what was counted; its clocks, HTTP sessions and silences are known elsewhere. */
export function drawUp(
  room: SettleRoom,
  tally: Tally,
  intake: Intake,
  histograms: Histograms,
): Omit<Account, 'httpSessions' | 'clock' | 'silences'> {
  const unexpectedByReason = {
    ...intake.refused,
    'unknown-message': intake.refused['unknown-message'] + tally.unknownArrivals,
    'rejected-message': tally.rejectedArrivals,
  };
  return {
    delivery: deliveryOf(
      tally,
      Object.values(unexpectedByReason).reduce((a, b) => a + b, 0),
    ),
    missingByCause: tally.missingByCause,
    inferredByCause: tally.inferredByCause,
    absentByCause: tally.absentByCause,
    arrivals: intake.arrivals(),
    duplicates: tally.duplicates,
    unexpectedByReason,
    unexcused: {
      missing: tally.unexcusedMissing,
      duplicate: tally.unexcusedDuplicate,
      reordered: tally.unexcusedReordered,
    },
    missingExamples: tally.examples.sort(byImportance),
    ...latenciesOf(histograms),
    ...outagesOf(room, tally),
    reach: tally.reach.toReach(),
    unconfirmed: unconfirmedOf(room.plan, room.attendance),
    clients: {
      connected: room.attendance.stayed(),
      lost: room.outages.filter((each) => each.length > 0).length,
      total: room.plan.clients.length,
    },
    subscriptions: room.plan.clients.reduce((sum, { subscribes }) => sum + subscribes.length, 0),
  };
}

function deliveryOf(tally: Tally, unexpected: number): Account['delivery'] {
  const { once, late, required, requiredMissing, reordered, recovered, duplicates } = tally;
  const { sent, acked, rejected, indeterminate } = tally;
  const missing = Object.values(tally.missingByCause).reduce((a, b) => a + b, 0);
  const absent = Object.values(tally.absentByCause).reduce((a, b) => a + b, 0);
  return {
    attempted: once + late + missing + absent,
    required,
    once,
    late,
    missing,
    absent,
    duplicate: duplicates.sameSession + duplicates.acrossSessions + duplicates.redelivered,
    reordered,
    recovered,
    unexpected,
    unexplained: tally.missingByCause.unexplained ?? 0,
    sent,
    acked,
    rejected,
    indeterminate,
    requiredMissing,
  };
}

/** Unexplained before explained, promised before unpromised, then as they were sent. */
function byImportance(a: MissingPair, b: MissingPair): number {
  const weight = (pair: MissingPair): number => (pair.cause === 'unexplained' ? 0 : pair.required ? 1 : 2);
  return weight(a) - weight(b) || a.atMicros - b.atMicros;
}

function latenciesOf(histograms: Histograms): Pick<Account, 'distributions' | 'latency' | 'refusedLatencies'> {
  const response = histograms.response.snapshot();
  const service = histograms.service.snapshot();
  const slip = histograms.slip.snapshot();
  return {
    distributions: { response, service, slip },
    latency: { response: quantilesOf(response), service: quantilesOf(service), slip: quantilesOf(slip) },
    refusedLatencies: histograms.response.refused() + histograms.service.refused() + histograms.slip.refused(),
  };
}

function outagesOf(
  room: SettleRoom,
  tally: Tally,
): Pick<Account, 'gaps' | 'reconnectsMs' | 'reconnect' | 'neverBack' | 'faults'> {
  const reconnectsMs = reconnectsOf(room.outages);
  return {
    gaps: gapsOf(room.outages, room.nowMicros),
    reconnectsMs,
    reconnect: reconnectTimesOf(reconnectsMs),
    neverBack: room.outages.flat().length - reconnectsMs.length,
    faults: room.faults.map((fault, index) => {
      const untilMicros = room.faultWindows[index]?.toMicros ?? room.nowMicros;
      const window = { fromMicros: fault.atMicros, toMicros: untilMicros };
      return {
        ...faultAccountOf(room, fault, untilMicros),
        peakConnectsPerSecond: peakConnectsOf(room.plan, room.attendance, window),
        missing: tally.missingByFault[index] ?? 0,
      };
    }),
  };
}

function unconfirmedOf(plan: Plan, attendance: Attendance): Account['unconfirmed'] {
  return plan.clients.flatMap((_, client) =>
    attendance
      .subscriptionsOf(client)
      .filter((each) => each.windows.every((window) => window.confirmedAtMicros === Infinity))
      .map(({ destination }) => ({ client, destination })),
  );
}
