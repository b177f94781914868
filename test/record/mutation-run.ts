import { createRandom } from '../../src/core/random.js';
import { generatedHistory } from './generated-history.js';
import { HistoryReading } from './history-reading.js';
import type { HistoryRows } from './history-rows.js';
import { countsOf, type Delta, deltaOf } from './mutation.js';
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

/** Everything in an account of which a sound system has none. */
function complaints(counts: Delta, { end }: HistoryRows): Delta {
  const never = ['requiredMissing', 'unexpected', 'unexplained', 'duplicate', 'reordered'];
  const unexcused = ['unexcused:missing', 'unexcused:duplicate', 'unexcused:reordered'];
  const names = [...never, ...unexcused, ...(end.excused.length === 0 ? ['missing'] : [])];
  return deltaOf({}, Object.fromEntries(names.map((name) => [name, counts[name] ?? 0])));
}

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
  let due = 0;
  let applied = 0;
  const judge = (history: HistoryRows, seed: number, share: number): void => {
    const reading = new HistoryReading(history);
    const before = countsOf(history);
    const found = complaints(before, history);
    if (Object.keys(found).length > 0) misjudged.push({ history: history.name, complaints: found });
    const random = createRandom(seed).fork('mutations');
    due += share;
    while (applied < Math.round(due)) {
      // What was applied least comes first, so that kinds with few places are not drowned by those with many.
      const rank = new Map(mutations.map((one) => [one, (byName.get(one.name) ?? 0) * (0.5 + random.next())]));
      const inTurn = mutations.toSorted((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0));
      if (!applyFirst(inTurn)) break;
    }

    function applyFirst(inTurn: typeof mutations): boolean {
      for (const { name, flagged, apply } of inTurn) {
        const mutated = apply(reading, random);
        if (mutated === undefined) continue;
        applied++;
        byName.set(name, (byName.get(name) ?? 0) + 1);
        const { expected } = mutated;
        const delta = deltaOf(before, countsOf(mutated.history));
        const isFlagged = flagged === 'nothing' ? Object.keys(delta).length === 0 : (delta[flagged] ?? 0) > 0;
        if (isFlagged && isEqual(delta, expected)) return true;
        misjudged.push({ history: history.name, mutation: name, flagged, delta, expected });
        return true;
      }
      return false;
    }
  };
  recorded.forEach((history, seed) => {
    judge(history, seed, each * recordedWeight);
  });
  for (let seed = 0; seed < generated; seed++) judge(generatedHistory(seed), seed, each);
  return { histories: size.histories, recorded: recorded.length, mutations: applied, byName, misjudged };
}

function isEqual(a: Delta, b: Delta): boolean {
  return Object.keys(deltaOf(a, b)).length === 0;
}
