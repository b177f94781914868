import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClockOffset } from '../../src/load/clock-offset.js';

/** How long the way there and back took, in microseconds. */
const ways = fc.record({ there: fc.integer({ min: 1, max: 50_000 }), back: fc.integer({ min: 1, max: 50_000 }) });
const roundTrips = fc.array(ways, { minLength: 1, maxLength: 20 });

function measured(aheadMicros: number, trips: readonly { there: number; back: number }[]): ClockOffset {
  const offset = new ClockOffset();
  for (const [index, trip] of trips.entries()) ask(offset, aheadMicros, { atMicros: index * 1e6, ...trip });
  offset.fix();
  return offset;
}

function ask(offset: ClockOffset, aheadMicros: number, trip: { atMicros: number; there: number; back: number }): void {
  const { atMicros, there, back } = trip;
  offset.add(atMicros, atMicros + there + aheadMicros, atMicros + there + back);
}

describe('the clock of another process', () => {
  it('is ours as long as no round trip says otherwise, however slow and lopsided they are', () => {
    fc.assert(
      fc.property(roundTrips, (trips) => {
        const { offsetMicros, doubtMicros } = measured(0, trips);
        expect([offsetMicros, doubtMicros]).toEqual([0, 0]);
      }),
    );
  });

  it('is corrected, and is never further off than its doubt says, which half the quickest round trip bounds', () => {
    const hours = fc.integer({ min: 100_000, max: 3_600_000_000 });
    fc.assert(
      fc.property(roundTrips, hours, fc.boolean(), (trips, micros, isBehind) => {
        const aheadMicros = isBehind ? -micros : micros;
        const { offsetMicros, doubtMicros } = measured(aheadMicros, trips);
        expect(Math.abs(offsetMicros - aheadMicros)).toBeLessThanOrEqual(doubtMicros);
        expect(doubtMicros).toBeLessThanOrEqual(Math.min(...trips.map(({ there, back }) => (there + back) / 2)));
      }),
    );
  });

  it('that drifts or jumps later keeps its offset, so that times keep their order, and is doubted by the difference', () => {
    const offset = measured(5_000_000, [{ there: 100, back: 100 }]);
    expect([offset.offsetMicros, offset.doubtMicros]).toEqual([5_000_000, 100]);
    ask(offset, 5_000_080, { atMicros: 1e6, there: 100, back: 100 });
    expect(offset.doubtMicros).toBe(100);
    ask(offset, 5_001_100, { atMicros: 2e6, there: 100, back: 100 });
    expect([offset.offsetMicros, offset.doubtMicros]).toEqual([5_000_000, 1_000]);
    ask(offset, 0, { atMicros: 3e6, there: 100, back: 100 });
    ask(offset, 5_000_000, { atMicros: 4e6, there: 100, back: 100 });
    expect([offset.offsetMicros, offset.doubtMicros]).toEqual([5_000_000, 4_999_900]);
    const ours = measured(0, [{ there: 100, back: 100 }]);
    ask(ours, -5_000_000, { atMicros: 1e6, there: 100, back: 100 });
    expect([ours.offsetMicros, ours.doubtMicros]).toEqual([0, 4_999_900]);
  });

  it('says nothing before it was asked', () => {
    const offset = new ClockOffset();
    offset.fix();
    expect([offset.offsetMicros, offset.doubtMicros]).toEqual([0, 0]);
    expect(measured(7_000_000, [{ there: 1, back: 1 }]).offsetMicros).toBe(7_000_000);
  });
});
