import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/core/errors.js';
import { assertBalanced, type Balance } from '../../src/record/balance.js';
import { accountOf, createHistoryWriter, planOf } from './history-writer.js';

const plan = planOf(2, 2);
const sound = accountOf(
  plan,
  createHistoryWriter()
    .everybodyOnline(plan, (client) => client)
    .sent([0, 1, 0, 1], 10)
    .arrived(0, 1, [0, 1, 0, 1], 12)
    .arrived(0, 1, [0, 1, 0, 1], 13)
    .unexpected(0, 'corrupt', 14)
    .take(),
);
const known = { pairs: 2, reachRequired: 2 };

function delivery(change: Partial<Balance['delivery']>): Balance {
  return { ...sound, delivery: { ...sound.delivery, ...change } };
}

describe('the accounting identities', () => {
  it('hold for a sound account', () => {
    expect(() => assertBalanced(sound, known)).not.toThrow();
  });

  it.each([
    ['pairs = attempted', sound, { ...known, pairs: 3 }],
    ['attempted = once + late + missing + absent', delivery({ once: 0 }), known],
    ['attempted = once + late + missing + absent', delivery({ absent: 1 }), known],
    ['arrivals = once + late + duplicate + unexpected', { ...sound, arrivals: 4 }, known],
    ['missing = sum by cause', { ...sound, missingByCause: {} }, known],
    ['absent = sum by cause', { ...sound, absentByCause: { ...sound.absentByCause, unacked: 1 } }, known],
    ['duplicate = sum by kind', { ...sound, duplicates: { ...sound.duplicates, redelivered: 1 } }, known],
    [
      'unexpected = sum by reason',
      { ...sound, unexpectedByReason: { ...sound.unexpectedByReason, corrupt: 0 } },
      known,
    ],
    ['required pairs between known nodes = reach', sound, { ...known, reachRequired: 1 }],
    ['unexplained = missing of that cause', delivery({ unexplained: 1 }), known],
    ['More arrived or is missing than was required', delivery({ requiredMissing: 2 }), known],
    [
      'More arrived or is missing than was required',
      {
        ...sound,
        reach: { ...sound.reach, arrived: sound.reach.required.map((row) => row.map((count) => count + 1)) },
      },
      known,
    ],
  ] satisfies [string, Balance, typeof known][])('throw when broken: %s', (identity, account, counted) => {
    expect(() => assertBalanced(account, counted)).toThrow(identity);
    try {
      assertBalanced(account, counted);
    } catch (error) {
      expect(error instanceof AppError && [error.code, error.exitCode]).toEqual(['accounting', 5]);
    }
  });
});
