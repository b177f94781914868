import { afterEach, beforeEach, expect, test } from 'vitest';
import { performFreeze, quantile } from './freeze.js';
import { Place } from './place.js';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

// `npm run verify` holds a run of a hundred seconds to two percent of the closed form; here nothing depends on the machine.
test('a hang of a tenth of the run shows in p95 at its full length, which a client that waits for receipts never sees', async () => {
  const report = await performFreeze(place, { ratePerSecond: 100, durationMs: 8000, frozenMs: 1600 });
  const { result, p95Ms, atLeastMs, recordedMs, closedLoopMs } = report;
  expect(result.reconnect.count).toBe(0);
  expect(result.delivery).toMatchObject({ sent: 800, required: 1600, missing: 0 });
  // What is reported is what was recorded, to the three digits of the histogram.
  expect(Math.abs(p95Ms / quantile(recordedMs) - 1)).toBeLessThan(0.002);
  // Due in the hang means waiting for its end: 1,600 ms less a twentieth of the run, but for a slow machine.
  expect(atLeastMs).toBeGreaterThan(1000);
  expect(p95Ms).toBeGreaterThanOrEqual(atLeastMs * 0.999);
  // One message of the other client waited as long as that, however many were due.
  expect(closedLoopMs.at(-1)).toBeGreaterThan(800);
  expect(quantile(closedLoopMs)).toBeLessThan(p95Ms / 2);
  await place.expectNothingLeft();
});
