import { createRandom, type Random } from '../../src/core/random.js';
import { generatedHistory } from './generated-history.js';
import { HistoryReading } from './history-reading.js';
import type { HistoryRows } from './history-rows.js';
import { complaints, countsOf, type Delta, deltaOf, type Mutated, type Mutation } from './mutation.js';
import { mutations } from './mutations.js';

export interface MutationRun {
  readonly histories: number;
  readonly recorded: number;
  readonly mutations: number;
  /** How often each kind was applied. */
  readonly byName: ReadonlyMap<string, number>;
  /** Clean histories that raised something, and changes that were not flagged for what they are. */
  readonly misjudged: readonly unknown[];
}

/** Of recorded histories, which are few and worth more, that many more. */
const recordedWeight = 5;

/**
 * Judges clean histories, and changes of them that are drawn by seed.
 * @param size how many histories, of which `recorded` are some, and how many changes in all
 */
export function runMutations(
  recorded: readonly HistoryRows[],
  size: { readonly histories: number; readonly mutations: number },
): MutationRun {
  const byName = new Map(mutations.map(({ name }) => [name, 0]));
  const misjudged: unknown[] = [];
  const generated = size.histories - recorded.length;
  const each = size.mutations / (generated + recorded.length * recordedWeight);
  let [due, applied] = [0, 0];
  const judge = (history: HistoryRows, seed: number, share: number): void => {
    const reading = new HistoryReading(history);
    const before = countsOf(history);
    const found = complaints(before, history);
    if (Object.keys(found).length > 0) misjudged.push({ history: history.name, complaints: found });
    const random = createRandom(seed).fork('mutations');
    due += share;
    while (applied < Math.round(due)) {
      const drawn = draw(reading, byName, random);
      if (drawn === undefined) break;
      applied++;
      byName.set(drawn.name, (byName.get(drawn.name) ?? 0) + 1);
      const wrong = misjudgement(before, drawn);
      if (wrong !== undefined) misjudged.push({ history: history.name, ...wrong });
    }
  };
  recorded.forEach((history, seed) => {
    judge(history, seed, each * recordedWeight);
  });
  for (let seed = 0; seed < generated; seed++) judge(generatedHistory(seed), seed, each);
  return { histories: size.histories, recorded: recorded.length, mutations: applied, byName, misjudged };
}

type Drawn = Mutation & Mutated;

/** What was applied least comes first, so that kinds with few places are not drowned by those with many. */
function draw(reading: HistoryReading, byName: ReadonlyMap<string, number>, random: Random): Drawn | undefined {
  const ranked = mutations.map((mutation) => ({
    mutation,
    rank: (byName.get(mutation.name) ?? 0) * (0.5 + random.next()),
  }));
  for (const { mutation } of ranked.sort((a, b) => a.rank - b.rank)) {
    const mutated = mutation.apply(reading, random);
    if (mutated !== undefined) return { ...mutation, ...mutated };
  }
  return undefined;
}

/** The account must change in the class of the change, and in no other way than the change itself foretold. */
function misjudgement(before: Delta, { name, flagged, history, expected }: Drawn): object | undefined {
  const delta = deltaOf(before, countsOf(history));
  const isFlagged = flagged === 'nothing' ? Object.keys(delta).length === 0 : (delta[flagged] ?? 0) > 0;
  const isForetold = Object.keys(deltaOf(delta, expected)).length === 0;
  return isFlagged && isForetold ? undefined : { mutation: name, flagged, delta, expected };
}
