import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evenTimes } from '../../src/client/due-times.js';
import { Pacer, type PacerClock } from '../../src/client/pacer.js';

/** A clock that moves a little at every look, as real ones do, and jumps to each wake-up. */
function createClock(options: { stepMicros: number; lateMicros: number }): PacerClock & { run(): void } {
  let atMicros = 0;
  const due: { atMicros: number; callback: () => void }[] = [];
  return {
    nowMicros() {
      atMicros += options.stepMicros;
      return atMicros;
    },
    wake(afterMs, callback) {
      const entry = { atMicros: atMicros + afterMs * 1000, callback };
      due.push(entry);
      return () => void due.splice(due.indexOf(entry), 1);
    },
    run() {
      for (let next = due.shift(); next !== undefined; next = due.shift()) {
        atMicros = Math.max(atMicros, next.atMicros) + options.lateMicros;
        next.callback();
      }
    },
  };
}

function tell(clock: ReturnType<typeof createClock>, publishers: number, intervalMicros: number, endMicros: number) {
  const told: { slot: number; dueMicros: number; early: boolean }[] = [];
  let ends = 0;
  const pacer = new Pacer({
    clock,
    endMicros,
    onDue: (slot, dueMicros) => told.push({ slot, dueMicros, early: clock.nowMicros() < dueMicros }),
    onEnd: () => ends++,
  });
  for (let slot = 0; slot < publishers; slot++) {
    pacer.add(slot, evenTimes(Math.floor((slot * intervalMicros) / publishers), intervalMicros));
  }
  pacer.start();
  clock.run();
  return { told, ends };
}

describe('an open schedule', () => {
  it('tells every moment before its end exactly once, in order, never early, whatever the clock does', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 0, max: 40_000 }),
        fc.integer({ min: 1, max: 60 }),
        (stepMicros, lateMicros, publishers) => {
          const { told, ends } = tell(createClock({ stepMicros, lateMicros }), publishers, 10_000, 100_000);
          const expected = Array.from({ length: publishers }, (_, slot) => Math.floor((slot * 10_000) / publishers));
          expect(told).toHaveLength(publishers * 10);
          for (const [slot, firstMicros] of expected.entries()) {
            const own = told.filter((each) => each.slot === slot).map((each) => each.dueMicros);
            expect(own).toEqual(Array.from({ length: 10 }, (_, k) => firstMicros + k * 10_000));
          }
          expect(told.some((each) => each.early)).toBe(false);
          expect(told.map((each) => each.dueMicros)).toEqual(told.map((each) => each.dueMicros).sort((a, b) => a - b));
          expect(ends).toBe(1);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is not re-based by a stall: what fell due meanwhile is told with its own moments', () => {
    const { told } = tell(createClock({ stepMicros: 1, lateMicros: 35_000 }), 1, 10_000, 100_000);
    expect(told.map((each) => each.dueMicros)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((k) => k * 10_000));
  });

  it('tells nothing any more once it was stopped', () => {
    const clock = createClock({ stepMicros: 1, lateMicros: 0 });
    const told: number[] = [];
    const pacer: Pacer = new Pacer({
      clock,
      endMicros: 100_000,
      onDue: (_slot, dueMicros) => {
        told.push(dueMicros);
        if (told.length === 3) pacer.stop();
      },
      onEnd: () => undefined,
    });
    pacer.add(0, evenTimes(0, 10_000));
    pacer.start();
    clock.run();
    expect(told).toEqual([0, 10_000, 20_000]);
  });
});
