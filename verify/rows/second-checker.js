export const title = 'random histories on which a second, naive checker agrees';

export function perform({ library, isQuick }) {
  const count = isQuick ? 1000 : 10_000;
  const disagreements = [];
  for (let seed = 0; seed < count; seed++) {
    const disagreement = library.disagreementOnSeed(seed);
    if (disagreement !== undefined) disagreements.push({ seed, ...disagreement });
  }
  return {
    figure: `${count - disagreements.length} of ${count}`,
    limit: 'all',
    ok: disagreements.length === 0,
    details: disagreements.slice(0, 5),
  };
}
