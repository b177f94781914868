export const title = 'p95 of a run with a hang, against the closed form';

/** Ten seconds of a hundred: p95 is 10 s − 5 % of 100 s. A client that waits for receipts beside it sees next to nothing. */
export async function perform({ library, isQuick }) {
  const freeze = isQuick
    ? { ratePerSecond: 100, durationMs: 20_000, frozenMs: 2000 }
    : { ratePerSecond: 100, durationMs: 100_000, frozenMs: 10_000 };
  const place = new library.Place();
  try {
    const { result, p95Ms, expectedMs, closedLoopMs } = await library.performFreeze(place, freeze);
    const error = p95Ms / expectedMs - 1;
    const closedLoopP95Ms = library.quantile(closedLoopMs);
    const isWhole = result.delivery.sent === (freeze.ratePerSecond * freeze.durationMs) / 1000;
    return {
      figure: `${p95Ms.toFixed(0)} ms for ${expectedMs.toFixed(0)} ms, ${(error * 100).toFixed(2)} %; closed loop ${closedLoopP95Ms.toFixed(1)} ms`,
      limit: '± 2 %; closed loop below a tenth',
      ok: Math.abs(error) <= 0.02 && closedLoopP95Ms < p95Ms / 10 && isWhole && result.delivery.missing === 0,
      details: { delivery: result.delivery, latency: result.latency, generator: result.generator },
    };
  } finally {
    place.remove();
  }
}
