import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const title = 'A thousand clients while a node dies every ten seconds: losses, memory, descriptors';

const mebibyte = 1_048_576;
/** By then the clients are there, heaps have taken what they are given, and the broker has its half minute of history. */
const settlingMicros = 60_000_000;
/**
 * Flat is no more than this above the second minute. Heaps breathe, and chance gives a node more clients at one time than at
 * another, which was up to 8 MiB (measured); a leak of 20 bytes for each of the million deliveries in between is beyond it.
 */
const maxGrowthBytes = 16 * mebibyte;
const maxDescriptors = 5;

export async function perform({ library, isQuick }) {
  const duration = isQuick ? '30s' : '10m';
  const { Place, set } = library;
  const place = new Place();
  try {
    const words = ['--out', 'out', ...set(`duration=${duration}`, 'kill.every=10s')];
    const { code } = await place.run('run', 'soak', ...words);
    return judge(place.result('out'), growthOf(samplesOf(place)), { code, isQuick });
  } finally {
    place.remove();
  }
}

/** What each process used at each look, by name: `[{ atMicros, rssBytes }]`. */
function samplesOf(place) {
  const byName = new Map();
  for (const line of readFileSync(join(place.cwd, 'out/events.ndjson'), 'utf8').trimEnd().split('\n')) {
    if (!line.includes('"usage-measured"')) continue;
    const { atMicros, processes } = JSON.parse(line);
    for (const { name, rssBytes } of processes) {
      if (rssBytes === null) continue;
      byName.set(name, [...(byName.get(name) ?? []), { atMicros, rssBytes }]);
    }
  }
  return byName;
}

/** From the most of the second minute to the most of the last third: what only goes up and down grows by nothing. */
function growthOf(samples) {
  return [...samples].map(([name, each]) => {
    const [first, last] = [each[0].atMicros, each.at(-1).atMicros];
    const most = (from, to) =>
      Math.max(0, ...each.filter(({ atMicros }) => atMicros >= from && atMicros <= to).map(({ rssBytes }) => rssBytes));
    const settled = most(first + settlingMicros, first + 2 * settlingMicros);
    return { name, growthBytes: most(last - (last - first) / 3, last) - settled };
  });
}

/** Half a minute is too short to say anything of memory: heaps still take what they are given. */
function judge({ delivery, faults, processes }, growth, { code, isQuick }) {
  const kills = faults.filter(({ type, observed }) => type === 'kill' && observed).length;
  const worst = growth.reduce((most, each) => (each.growthBytes > most.growthBytes ? each : most));
  // A node that came back has the clients that it was given since.
  const lasting = processes.filter(({ name }) => !name.startsWith('node-'));
  const descriptors = Math.max(...lasting.map(({ fdStart, fdEnd }) => Math.abs(fdEnd - fdStart)));
  const { required, missing, unexplained } = delivery;
  const figures = [
    `${kills} kills, ${missing} missing and ${unexplained} unexplained of ${required.toLocaleString('en')}`,
    isQuick ? 'memory not judged' : `most grew ${worst.name}: ${(worst.growthBytes / mebibyte).toFixed(1)} MiB`,
    `descriptors ±${descriptors}`,
  ];
  return {
    figure: figures.join('; '),
    limit: `0, 0; ${maxGrowthBytes / mebibyte} MiB after the second minute; ±${maxDescriptors}`,
    ok:
      code === 0 &&
      kills > 0 &&
      missing === 0 &&
      unexplained === 0 &&
      (isQuick || worst.growthBytes <= maxGrowthBytes) &&
      descriptors <= maxDescriptors,
    details: { code, delivery, growth, processes },
  };
}
