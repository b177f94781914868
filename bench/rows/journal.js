import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHelper, startNode } from '../child.js';
import { treeCpuSeconds } from '../process-cpu.js';
import { median, sleep } from '../statistics.js';
import { bodyBytes } from './fan-out.js';

const connections = 100;
const destination = '/topic/bench';
const runNumber = '4711';
/** To 100 subscribers 20,000 deliveries a second of each node. */
const traffic = { burst: 4, everyMs: 20 };
const maxRatio = 1.5;

/** A node with subscribers that count and a publisher of messages as a run has them. */
async function startContestant(sourceUrl, env) {
  const { child: node, ready } = await startNode(undefined, env);
  const clients = startHelper('counting-clients.js');
  const publisher = startHelper('stamped-publisher.js', [sourceUrl, runNumber]);
  const where = { url: ready.url, destination };
  await clients.ask('connect', { ...where, count: connections });
  await publisher.ask('start', { ...where, bodyBytes, ...traffic });
  return { node, clients, children: [publisher, clients, node] };
}

async function readingOf({ node, clients }) {
  const { deliveries } = await clients.ask('read');
  return { deliveries, cpuMicros: treeCpuSeconds([node.pid]) * 1e6 };
}

async function cpuPerDelivery(contestants, durationMs) {
  const before = await Promise.all(contestants.map(readingOf));
  await sleep(durationMs);
  const after = await Promise.all(contestants.map(readingOf));
  return after.map(({ deliveries, cpuMicros }, i) => {
    const delivered = deliveries - before[i].deliveries;
    return { deliveries: delivered, micros: (cpuMicros - before[i].cpuMicros) / delivered };
  });
}

/** CPU of a node that keeps a journal of a run's messages for each delivery, beside one that keeps none. */
export async function run({ quick, sourceUrl }) {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-chat-bench-'));
  const contestants = [];
  const rounds = [];
  try {
    contestants.push(await startContestant(sourceUrl, {}));
    contestants.push(await startContestant(sourceUrl, { CLUSTER_CHAT_JOURNAL: folder }));
    // Until the compilers of both have seen enough.
    await sleep(3_000);
    for (let round = 0; round < (quick ? 3 : 9); round++) {
      rounds.push(await cpuPerDelivery(contestants, quick ? 1_000 : 3_000));
    }
  } finally {
    await Promise.all(contestants.flatMap(({ children }) => children).map((child) => child.end()));
    rmSync(folder, { recursive: true, force: true });
  }
  const ratio = median(rounds.map(([none, kept]) => kept.micros / none.micros));
  return [
    {
      name: 'journal CPU',
      unit: 'µs/delivery',
      figure: median(rounds.map(([, kept]) => kept.micros)),
      reference: median(rounds.map(([none]) => none.micros)),
      ratio,
      limit: `ratio <= ${maxRatio}`,
      ok: ratio <= maxRatio,
      details: { rounds, connections, traffic, bodyBytes },
    },
  ];
}
