import { expect } from 'vitest';
import type { Result } from '../../src/record/result.js';
import { expectSound } from './expect-sound.js';
import { type Place, set } from './place.js';

export type Performed = Result & { readonly code: number | null };

/** Runs a scenario in its own processes; its result is sound, said aloud, and nothing is left behind. */
export async function performIn(place: Place, scenario: string, ...overrides: readonly string[]): Promise<Performed> {
  const { code, stdout, stderr } = await place.run('run', scenario, '--out', 'out', ...set(...overrides));
  expect(stderr).toBe('');
  const result = place.result('out');
  expectSound(result);
  expect(stdout).toContain(result.verdict.toUpperCase());
  await place.expectNothingLeft();
  return { ...result, code };
}
