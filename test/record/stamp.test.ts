import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c } from '../../src/record/crc32c.js';
import { emptyReading, readStamp, runNumber, type Stamp, stampBytes, writeStamp } from '../../src/record/stamp.js';

const stamps: fc.Arbitrary<Stamp> = fc.record({
  runNumber: fc.nat({ max: 0xffffffff }),
  kind: fc.constantFrom('m', 'w', 'f', 'd'),
  publisher: fc.nat({ max: 0xffffff }),
  epoch: fc.nat({ max: 0xffff }),
  destination: fc.nat({ max: 0xffffff }),
  sequence: fc.nat({ max: 0xffffffff }),
  intendedAtMicros: fc.nat({ max: 2 ** 52 - 1 }),
  writtenAtMicros: fc.nat({ max: 2 ** 52 - 1 }),
});

describe('the stamp of a message', () => {
  it('comes back as it was written, at every size', () => {
    fc.assert(
      fc.property(stamps, fc.nat({ max: 400 }), (stamp, sizeBytes) => {
        const body = writeStamp(stamp, sizeBytes);
        const reading = emptyReading();
        expect(readStamp(body, reading)).toBeUndefined();
        expect(reading).toEqual(stamp);
        expect(body.length).toBe(Math.max(sizeBytes, stampBytes));
        expect(body.toString('latin1')).toMatch(/^[\w-]+$/);
      }),
    );
  });

  it('shows every change of a single byte: all 255 others at every place', () => {
    const [stamp] = fc.sample(stamps, { numRuns: 1, seed: 7 });
    const body = writeStamp(stamp as Stamp, 120);
    const reading = emptyReading();
    const undetected: number[] = [];
    for (let at = 0; at < body.length; at++) {
      const right = body[at] as number;
      for (let flip = 1; flip < 256; flip++) {
        body[at] = right ^ flip;
        if (readStamp(body, reading) === undefined) undetected.push(at);
      }
      body[at] = right;
    }
    expect(undetected).toEqual([]);
    expect(readStamp(body, reading)).toBeUndefined();
  });

  it('shows that a body was cut or grew', () => {
    const [stamp] = fc.sample(stamps, { numRuns: 1, seed: 7 });
    const body = writeStamp(stamp as Stamp, 120);
    const faults = [0, 2, 3, 69, 70, 119].map((size) => readStamp(body.subarray(0, size), emptyReading()));
    expect(faults).toEqual(['no-stamp', 'no-stamp', 'corrupt', 'corrupt', 'corrupt', 'corrupt']);
    expect(readStamp(Buffer.concat([body, Buffer.from('a')]), emptyReading())).toBe('corrupt');
  });

  it('takes what never was ours for what it is', () => {
    expect(readStamp(Buffer.from('{"from":"alice"}'), emptyReading())).toBe('no-stamp');
  });

  it('knows a run by 32 bits: its id where that is hexadecimal, else the CRC of the id', () => {
    expect([runNumber('deadbeef'), runNumber('123456789')]).toEqual([0xdeadbeef, 0xe3069283]);
  });
});

it('CRC-32C gives the check value of the standard [RFC 3720, B.4]', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
});
