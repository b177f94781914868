import { startHelper, startNode, startPiece } from '../child.js';
import { median } from '../statistics.js';

export const bodyBytes = 200;
const subscribers = 200;
/** Messages under way at most: about 80 KB per connection, far below what makes a slow consumer. */
const window = 256;
const destination = '/topic/bench';

/** Each contestant: how it is started, where it listens, and what is asked of it. */
const contestants = [
  { name: 'reference', start: startReference },
  { name: 'simple', start: startSimple, limit: 0.6 },
  { name: 'embedded', start: startEmbedded, limit: 0.4 },
];

async function startReference() {
  const server = startHelper('reference-server.js');
  const { port } = await server.readyLine();
  return { servers: [server], url: `ws://127.0.0.1:${port}/`, publisherUrl: `ws://127.0.0.1:${port}/publisher` };
}

async function startSimple() {
  const { child, ready } = await startNode();
  return { servers: [child], url: ready.url, destination };
}

async function startEmbedded() {
  const broker = await startPiece(['broker', '--port', '0']);
  const { child, ready } = await startNode(`embedded://127.0.0.1:${broker.ready.port}`);
  return { servers: [child, broker.child], url: ready.url, destination };
}

async function runRound(contestant, { warmUpMs, durationMs }) {
  const { clients, servers, url, publisherUrl } = contestant;
  const cpuBefore = await Promise.all(servers.map((server) => server.ask('cpu')));
  const options = { url: publisherUrl ?? url, destination: contestant.destination, window, bodyBytes };
  const round = await clients.ask('saturate', { ...options, warmUpMs, durationMs });
  const cpuAfter = await Promise.all(servers.map((server) => server.ask('cpu')));
  const spent = cpuAfter.map((cpu, i) => Math.round((cpu - cpuBefore[i]) / 10 / (warmUpMs + durationMs)) / 100);
  return { ...round, serverCpuShares: spent };
}

/** 1 publisher, 200 subscribers, one node at saturation, beside a server that does nothing but fan out. */
export async function run({ quick }) {
  const started = [];
  try {
    for (const { name, start, limit } of contestants) {
      const contestant = { name, limit, rounds: [], clients: startHelper('counting-clients.js'), ...(await start()) };
      started.push(contestant);
      const { url } = contestant;
      await contestant.clients.ask('connect', { url, destination: contestant.destination, count: subscribers });
    }
    // Many short rounds rather than few long ones: what disturbs the machine then spoils some of them, not the median.
    const times = { warmUpMs: 400, durationMs: 1_000 };
    for (let round = 0; round < (quick ? 5 : 15); round++) {
      for (const contestant of started) contestant.rounds.push(await runRound(contestant, times));
    }
  } finally {
    for (const { clients, servers } of started) await Promise.all([clients, ...servers].map((child) => child.end()));
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
    limit: `ratio >= ${limit}`,
    ok: ratio >= limit,
    details: { rounds, referenceRounds: reference.rounds, subscribers, window, bodyBytes },
  };
}
