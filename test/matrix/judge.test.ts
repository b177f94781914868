import { describe, expect, it } from 'vitest';
import { cellText, type MatrixFault, problemsOf } from '../../matrix/judge.js';
import type { Guarantees } from '../../src/broker/broker.js';
import { type Cause, causes, type Result } from '../../src/record/result.js';
import { passed } from '../report/results.js';

const bounded: Guarantees = {
  delivery: 'at-least-once',
  order: 'per-publisher',
  history: 'bounded',
  reach: 'cluster',
};
const forgetful: Guarantees = { ...bounded, history: 'none' };
const alone: Guarantees = { ...forgetful, reach: 'node' };
const kill: MatrixFault = { dropsClients: true };
const cut: MatrixFault = { dropsClients: false, isCut: true };

/** A run in which so many deliveries are missing by each cause, and everything balances. */
function lacking(missingByCause: Result['missingByCause'], change: Partial<Result> = {}): Result {
  const missing = Object.values(missingByCause).reduce((sum, count) => sum + count, 0);
  const delivery = { ...passed.delivery, missing, once: passed.delivery.once - missing };
  return { ...passed, delivery, missingByCause, ...change };
}

/** The causes, of all there are, that are let through. */
function excused(guarantees: Guarantees, fault: MatrixFault): Cause[] {
  return causes.filter((cause) => problemsOf(lacking({ [cause]: 1 }), guarantees, fault).length === 0);
}

describe('the judge of the matrix', () => {
  it('lets a clean run pass, whatever the broker promises', () => {
    for (const guarantees of [bounded, forgetful, alone]) expect(problemsOf(passed, guarantees, kill)).toEqual([]);
  });

  it('lets nothing be missing where the broker keeps history', () => {
    for (const fault of [kill, cut]) expect(excused(bounded, fault)).toEqual([]);
    expect(problemsOf(lacking({ 'not-subscribed': 3 }), bounded, kill)).toEqual(['3 not-subscribed']);
  });

  it('lets be missing without history only what was said while somebody was away', () => {
    expect(excused(forgetful, kill)).toEqual(['not-subscribed', 'subscription-race', 'in-flight']);
    expect(excused(forgetful, cut)).toContain('broker-gap');
    expect(excused({ ...forgetful, whileAway: 'kept' }, cut)).not.toContain('broker-gap');
    expect(excused(alone, kill)).toContain('broker-gap');
    expect(excused({ ...forgetful, delivery: 'at-most-once' }, kill)).toContain('origin-died');
  });

  it('never lets through what nobody explains or a node kept to itself', () => {
    for (const guarantees of [bounded, forgetful, alone, { ...alone, delivery: 'at-most-once' } as const]) {
      for (const fault of [kill, cut]) {
        expect(excused(guarantees, fault)).not.toContain('unexplained');
        expect(excused(guarantees, fault)).not.toContain('never-relayed');
      }
    }
  });

  it.each<[string, Partial<Result>, string]>([
    ['an unexpected arrival', { delivery: { ...passed.delivery, unexpected: 2 } }, '2 unexpected'],
    ['a broken order', { delivery: { ...passed.delivery, reordered: 4 } }, '4 reordered'],
    ['a run that asked for nothing', { delivery: { ...passed.delivery, required: 0 } }, 'nothing was required'],
    ['sums that do not fit', { delivery: { ...passed.delivery, once: 1 } }, 'the account does not balance'],
    ['a cause too many', { missingByCause: { 'in-flight': 1 } }, '0 missing, but 1 with a cause'],
    ['a fault that never came', { faults: [] }, 'no fault happened'],
    [
      'a fault that nobody saw',
      { faults: passed.faults.map((each) => ({ ...each, observed: false })) },
      'was not seen',
    ],
    ['a kill that hurt nobody', { faults: passed.faults.map((each) => ({ ...each, droppedClients: 0 })) }, 'nobody'],
    ['a run that is unsure', { verdict: 'inconclusive', reasons: ['the drain did not end: x'] }, 'the drain did not'],
  ])('finds %s', (_title, change, problem) => {
    const problems = problemsOf({ ...passed, ...change }, forgetful, kill);
    expect(problems.join()).toContain(problem);
  });

  it('does not wait for last fences that cannot cross to another node', () => {
    const unsure = { ...passed, verdict: 'inconclusive', reasons: ['the drain did not end: x'] } as const;
    expect(problemsOf(unsure, alone, kill)).toEqual([]);
  });
});

describe('a cell of the table', () => {
  const run = { seed: 1, problems: [], missingByCause: {} };

  it('sums the gaps of all seeds, the greatest first, or says pass', () => {
    expect(cellText([run, run])).toBe('pass');
    const gaps = [{ 'in-flight': 2 }, { 'not-subscribed': 40, 'in-flight': 3 }, { 'broker-gap': 0 }];
    const runs = gaps.map((missingByCause) => ({ ...run, missingByCause }));
    expect(cellText(runs)).toBe('gap 40 not-subscribed, 5 in-flight');
  });

  it('says with its seed what is wrong, and then nothing else', () => {
    const bad = { seed: 2, problems: ['1 unexplained'], missingByCause: { unexplained: 1 } };
    expect(cellText([{ ...run, missingByCause: { 'in-flight': 2 } }, bad])).toBe('FAIL 1 unexplained (seed 2)');
  });
});
