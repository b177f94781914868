import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const title = 'A thousand clients while a node dies every ten seconds: losses, memory, descriptors';

const mebibyte = 1_048_576;
/** The broker keeps five minutes of history, so memory is compared over what comes after that. */
const comparedShare = 1 / 3;
const maxGrowthBytes = 32 * mebibyte;
/** The process that leads the run keeps every delivery until it is judged. */
const maxBytesPerDelivery = 256;
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

/** From the most of the middle third to the most of the last: what only goes up and down grows by nothing. */
function growthOf(samples) {
  return [...samples].map(([name, each]) => {
    const [first, last] = [each[0].atMicros, each.at(-1).atMicros];
    const most = (from, to) => {
      const part = each.filter(
        ({ atMicros }) => atMicros >= first + (last - first) * from && atMicros <= first + (last - first) * to,
      );
      return Math.max(0, ...part.map(({ rssBytes }) => rssBytes));
    };
    return { name, growthBytes: most(1 - comparedShare, 1) - most(1 - 2 * comparedShare, 1 - comparedShare) };
  });
}

/** Half a minute is too short to say anything of memory: heaps still take what they are given. */
function judge({ delivery, faults, processes }, growth, { code, isQuick }) {
  const kills = faults.filter(({ type, observed }) => type === 'kill' && observed).length;
  const others = growth.filter(({ name }) => name !== 'run');
  const worst = others.reduce((most, each) => (each.growthBytes > most.growthBytes ? each : most));
  const leader = processes.find(({ name }) => name === 'run');
  const bytesPerDelivery = (leader.rssEndBytes - leader.rssStartBytes) / delivery.required;
  // A node that came back has the clients that it was given since.
  const lasting = processes.filter(({ name }) => !name.startsWith('node-'));
  const descriptors = Math.max(...lasting.map(({ fdStart, fdEnd }) => Math.abs(fdEnd - fdStart)));
  const { required, missing, unexplained } = delivery;
  const figures = [
    `${kills} kills, ${missing} missing and ${unexplained} unexplained of ${required.toLocaleString('en')}`,
    `${worst.name} +${(worst.growthBytes / mebibyte).toFixed(1)} MiB`,
    `run ${bytesPerDelivery.toFixed(0)} B a delivery`,
    `descriptors ±${descriptors}`,
  ];
  return {
    figure: figures.join('; '),
    limit: `0, 0; ${maxGrowthBytes / mebibyte} MiB in the last third; ${maxBytesPerDelivery} B; ±${maxDescriptors}`,
    ok:
      code === 0 &&
      kills > 0 &&
      missing === 0 &&
      unexplained === 0 &&
      (isQuick || (worst.growthBytes <= maxGrowthBytes && bytesPerDelivery <= maxBytesPerDelivery)) &&
      descriptors <= maxDescriptors,
    details: { code, delivery, growth, processes },
  };
}
