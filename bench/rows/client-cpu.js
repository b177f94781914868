import { startHelper, startNode } from '../child.js';
import { median, sleep } from '../statistics.js';
import { bodyBytes } from './fan-out.js';

const connections = 100;
const destination = '/topic/bench';
const runNumber = '4711';
const maxRatio = 1.5;
/** 500 messages a second to both kinds of clients: 100,000 deliveries a second, half of a core or less in all. */
const traffic = { burst: 10, everyMs: 20 };

async function cpuPerDelivery(clients, durationMs) {
  const before = await Promise.all(clients.map((child) => child.ask('read')));
  await sleep(durationMs);
  const after = await Promise.all(clients.map((child) => child.ask('read')));
  return after.map((reading, i) => {
    const deliveries = reading.deliveries - before[i].deliveries;
    return { deliveries, micros: (reading.cpuMicros - before[i].cpuMicros) / deliveries };
  });
}

/** CPU of the lean client with its recorder for each recorded delivery, beside a bare `ws` client that counts. */
export async function run({ quick, sourceUrl }) {
  const { child: node, ready } = await startNode();
  const bare = startHelper('counting-clients.js');
  const lean = startHelper('lean-clients.js', [sourceUrl, runNumber]);
  const publisher = startHelper('stamped-publisher.js', [sourceUrl, runNumber]);
  const rounds = [];
  try {
    const where = { url: ready.url, destination };
    for (const clients of [bare, lean]) await clients.ask('connect', { ...where, count: connections });
    await publisher.ask('start', { ...where, bodyBytes, ...traffic });
    // Until the compilers of both have seen enough.
    await sleep(3_000);
    for (let round = 0; round < (quick ? 3 : 7); round++) {
      rounds.push(await cpuPerDelivery([bare, lean], quick ? 1_000 : 3_000));
    }
  } finally {
    await Promise.all([publisher, bare, lean, node].map((child) => child.end()));
  }
  const ratio = median(rounds.map(([one, other]) => other.micros / one.micros));
  return [
    {
      name: 'lean client CPU',
      unit: 'µs/delivery',
      figure: median(rounds.map(([, other]) => other.micros)),
      reference: median(rounds.map(([one]) => one.micros)),
      ratio,
      limit: `ratio <= ${maxRatio}`,
      ok: ratio <= maxRatio,
      details: { rounds, connections, traffic, bodyBytes },
    },
  ];
}
