import { describe, expect, it } from 'vitest';
import { formatHeartbeat, heartbeatBytes, negotiateHeartbeat, parseHeartbeat } from '../../src/stomp/heartbeat.js';

describe('heart-beats', () => {
  it('H01 are two integers, and a missing header is 0,0', () => {
    expect(parseHeartbeat('1000,20000')).toEqual({ sendMs: 1000, wantMs: 20_000 });
    expect(parseHeartbeat('0,999999999')).toEqual({ sendMs: 0, wantMs: 999_999_999 });
    expect(parseHeartbeat(undefined)).toEqual({ sendMs: 0, wantMs: 0 });
    expect(formatHeartbeat({ sendMs: 5, wantMs: 0 })).toBe('5,0');
  });

  it.each([
    '',
    '1',
    '1,',
    ',1',
    '1,2,3',
    '-1,0',
    '1.5,0',
    ' 1,2',
    '1, 2',
    '1,2 ',
    '1,2\n',
    '1e3,0',
    '1000000000,0',
    'a,b',
    '١,٢',
  ])('H01 refuses %j', (value) => {
    expect(() => parseHeartbeat(value)).toThrow(expect.objectContaining({ reason: 'bad-heartbeat', closeCode: 1002 }));
  });

  it.each([
    [
      { sendMs: 100, wantMs: 200 },
      { sendMs: 300, wantMs: 400 },
      { sendEveryMs: 400, expectEveryMs: 300 },
    ],
    [
      { sendMs: 400, wantMs: 300 },
      { sendMs: 200, wantMs: 100 },
      { sendEveryMs: 400, expectEveryMs: 300 },
    ],
    [
      { sendMs: 0, wantMs: 200 },
      { sendMs: 300, wantMs: 400 },
      { sendEveryMs: 0, expectEveryMs: 300 },
    ],
    [
      { sendMs: 100, wantMs: 0 },
      { sendMs: 300, wantMs: 400 },
      { sendEveryMs: 400, expectEveryMs: 0 },
    ],
    [
      { sendMs: 100, wantMs: 200 },
      { sendMs: 0, wantMs: 400 },
      { sendEveryMs: 400, expectEveryMs: 0 },
    ],
    [
      { sendMs: 100, wantMs: 200 },
      { sendMs: 300, wantMs: 0 },
      { sendEveryMs: 0, expectEveryMs: 300 },
    ],
  ])('H02 H03 mine %j and theirs %j agree on %j', (mine, theirs, plan) => {
    expect(negotiateHeartbeat(mine, theirs)).toEqual(plan);
    // The other side must come to the mirrored plan, or one waits for what the other never sends.
    expect(negotiateHeartbeat(theirs, mine)).toEqual({
      sendEveryMs: plan.expectEveryMs,
      expectEveryMs: plan.sendEveryMs,
    });
  });

  it('H04 are one line feed', () => {
    expect([...heartbeatBytes]).toEqual([10]);
  });
});
