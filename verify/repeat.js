const atOnce = 2;

/**
 * Does the same again and again, each time at another seeded moment of a run and in a place of its own.
 * @param act gets the place, a name for the run, and the moment in milliseconds from its start
 */
export async function repeat(count, { library, say }, act) {
  const random = library.createRandom(4711);
  const moments = Array.from({ length: count }, () => Math.round(random.next() * library.longestMs));
  const failures = [];
  const outcomes = [];
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const index = next++;
      const afterMs = moments[index];
      const place = new library.Place();
      try {
        outcomes.push(await act(place, 'out', afterMs));
      } catch (error) {
        failures.push({ index, afterMs, message: error?.message ?? String(error) });
        say(`failed after ${afterMs} ms: ${failures.at(-1).message}`);
      } finally {
        place.remove();
      }
      if ((index + 1) % 20 === 0) say(`${index + 1} of ${count}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return { failures, outcomes };
}
