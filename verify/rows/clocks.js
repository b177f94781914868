export const title = 'runs with a wrong clock, in which every delivery is judged as without';

const complete = {
  sent: 120,
  acked: 120,
  required: 1200,
  once: 1200,
  missing: 0,
  late: 0,
  duplicate: 0,
  unexpected: 0,
};

/** Workers of a host that was started at another time, and wall clocks that are set under load. */
const cases = [
  { 'worker-1': { monotonicMs: 5000 } },
  { 'worker-2': { monotonicMs: -5000 } },
  { 'worker-1': { monotonicMs: 5000 }, 'worker-2': { monotonicMs: -5000 } },
  { 'worker-2': { monotonicMs: 30 * 24 * 3_600_000 } },
  ...['worker-1', 'node-1', 'broker', 'balancer', 'run'].flatMap((name) => [
    { [name]: { wallMs: 5000, afterMs: 1500 } },
    { [name]: { wallMs: -5000, afterMs: 1500 } },
  ]),
];

export async function perform({ library, isQuick, say }) {
  const wrong = [];
  let doubtMs = 0;
  const chosen = isQuick ? [cases[1], cases[4]] : cases;
  for (const clocks of chosen) {
    const place = new library.Place();
    try {
      const { code, stderr, result } = await library.runWithClocks(place, clocks);
      doubtMs = Math.max(doubtMs, result.clock?.doubtMs ?? 0);
      const isComplete = Object.entries(complete).every(([name, count]) => result.delivery[name] === count);
      const isForeign = Object.values(clocks).some(({ monotonicMs }) => monotonicMs !== undefined);
      const isKnown = isForeign ? result.clock?.unmeasured === 600 : result.clock === undefined;
      const isPositive = [result.latency.response, result.latency.service].every(({ minMs }) => minMs >= 0);
      if (code === 0 && isComplete && isKnown && isPositive) continue;
      const { delivery, latency, clock } = result;
      wrong.push({ clocks, code, stderr, delivery, latency, clock });
    } finally {
      place.remove();
    }
    say(JSON.stringify(wrong.at(-1)));
  }
  return {
    figure: `${chosen.length - wrong.length} of ${chosen.length}; clocks known to ${doubtMs.toFixed(1)} ms`,
    limit: 'all, no latency below nought',
    ok: wrong.length === 0,
    details: wrong,
  };
}
