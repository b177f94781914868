import { expect } from 'vitest';
import type { Result } from '../../src/record/result.js';
import { expectSound } from './expect-sound.js';
import { type Place, set } from './place.js';

/** Runs a built-in whose result must be sound, and leaves nothing running. */
export async function perform(
  place: Place,
  scenario: string,
  ...overrides: readonly string[]
): Promise<Result & { code: number | null }> {
  const { code, stdout, stderr } = await place.run('run', scenario, '--out', 'out', ...set(...overrides));
  expect(stderr).toBe('');
  const result = place.result('out');
  expectSound(result);
  expect(stdout).toContain(result.verdict.toUpperCase());
  await place.expectNothingLeft();
  return { ...result, code };
}

/** Clients that lost their session to a fault; one that lost two counts twice. */
export function dropped(result: Result): number {
  return result.faults.reduce((sum, fault) => sum + fault.droppedClients, 0);
}
