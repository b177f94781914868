import { endAll, publisherOf, startEmbedded, startReference, startSimple, withClients } from '../contestants.js';
import { median } from '../statistics.js';

export const bodyBytes = 200;
export const subscribers = 200;
/** Messages under way at most: about 80 KB per connection, far below what makes a slow consumer. */
export const window = 256;

/** Each contestant: how it is started, and what is asked of it. */
const contestants = [
  { name: 'reference', start: startReference },
  { name: 'simple', start: startSimple, limit: 0.6 },
  // Every subscription id is another one, so that no two clients get the same bytes; nothing is promised for them.
  { name: 'simple, own ids', start: startSimple, hasOwnIds: true },
  { name: 'embedded', start: startEmbedded, limit: 0.4 },
];

async function runRound(contestant, { warmUpMs, durationMs }) {
  const { clients, children } = contestant;
  const cpuBefore = await Promise.all(children.map((child) => child.ask('cpu')));
  const options = { ...publisherOf(contestant), window, bodyBytes, warmUpMs, durationMs };
  const round = await clients.ask('saturate', options);
  const cpuAfter = await Promise.all(children.map((child) => child.ask('cpu')));
  const spent = cpuAfter.map((cpu, i) => Math.round((cpu - cpuBefore[i]) / 10 / (warmUpMs + durationMs)) / 100);
  return { ...round, serverCpuShares: spent };
}

/** 1 publisher, 200 subscribers, one node at saturation, beside a server that does nothing but fan out. */
export async function run({ quick }) {
  const started = [];
  try {
    for (const contestant of contestants) {
      started.push(await withClients(contestant, await contestant.start(), subscribers));
    }
    // Many short rounds rather than few long ones: what disturbs the machine then spoils some of them, not the median.
    const times = { warmUpMs: 400, durationMs: 1_000 };
    for (let round = 0; round < (quick ? 5 : 15); round++) {
      for (const contestant of started) contestant.rounds.push(await runRound(contestant, times));
    }
  } finally {
    await endAll(started);
  }
  const [reference, ...others] = started;
  return others.map((contestant) => rowOf(contestant, reference));
}

function rowOf({ name, limit, rounds }, reference) {
  const ratio = median(rounds.map((round, i) => round.perSecond / reference.rounds[i].perSecond));
  return {
    name: `fan-out ${name}`,
    unit: 'deliveries/s',
    figure: median(rounds.map((round) => round.perSecond)),
    reference: median(reference.rounds.map((round) => round.perSecond)),
    ratio,
    limit: limit === undefined ? 'none' : `ratio >= ${limit}`,
    ok: limit === undefined || ratio >= limit,
    details: { rounds, referenceRounds: reference.rounds, subscribers, window, bodyBytes },
  };
}
