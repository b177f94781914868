import { pathToFileURL } from 'node:url';
import { packageRoot } from '../../src/core/package-root.js';
import type { Result } from '../../src/record/result.js';
import { type Ended, type Place, set } from './place.js';

/** By name of a process, or by its word where it has no name: see test/fixtures/wrong-clock.js. */
export type WrongClocks = Readonly<
  Record<string, { readonly monotonicMs?: number; readonly wallMs?: number; readonly afterMs?: number }>
>;

/** Thirty clients in two workers say something twice a second for two seconds, each of them to ten. */
export async function runWithClocks(place: Place, clocks: WrongClocks): Promise<Ended & { readonly result: Result }> {
  const preload = pathToFileURL(`${packageRoot()}/test/fixtures/wrong-clock.js`).href;
  const env = { NODE_OPTIONS: `--import ${preload}`, CLUSTER_CHAT_WRONG_CLOCK: JSON.stringify(clocks) };
  const words = ['run', 'smoke', '--workers', '2', '--out', 'out', ...set('duration=2s')];
  const ended = await place.start(words, { env }).ended;
  await place.expectNothingLeft();
  return { ...ended, result: place.result('out') };
}
