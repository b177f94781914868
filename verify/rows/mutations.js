import { record, recordings } from '../recordings.js';

export const title = 'changes of clean histories, each flagged for what it is';

/** Kept recordings, new ones of real runs, and generated histories. */
export async function perform({ library, isQuick, say }) {
  const recorded = library.keptRecordings();
  for (const recording of isQuick ? recordings.slice(0, 2) : recordings) {
    const { name, isExcused = false } = recording;
    recorded.push(library.readRecording(`${name}, just now`, await record(recording), isExcused));
    say(`recorded ${name}`);
  }
  const size = isQuick ? { histories: 100, mutations: 1000 } : { histories: 1000, mutations: 10_000 };
  const { misjudged, mutations, histories, byName } = library.runMutations(recorded, size);
  const fewest = Math.min(...byName.values());
  return {
    figure: `${mutations - misjudged.length} of ${mutations} in ${histories} histories, ${recorded.length} recorded; ${byName.size} kinds, each at least ${fewest} times`,
    limit: `${size.mutations}, and nothing of a clean one`,
    ok: misjudged.length === 0 && mutations === size.mutations && fewest > 0,
    details: misjudged.slice(0, 10),
  };
}
