import { startHelper, startNode } from '../child.js';
import { median, sleep } from '../statistics.js';

/** How many of each kind at the same time; who is sent away comes back. */
const counts = {
  'HTTP head, dribbled': 200,
  'silent connection': 200,
  'silence after the upgrade': 200,
  'silent session': 200,
  'STOMP frame, dribbled': 200,
  'subscriber that never reads': 20,
  'flood of headers': 20,
};
const flood = { floodBytes: 60_000, floodsPerSecond: 20 };
const subscribers = 20;
const ratePerSecond = 100;
const maxRatio = 2;
const maxGrowthBytes = 32 * 1_048_576;

/** The same traffic without and with the attack, as often as told; the attack begins before it is measured. */
async function measureRounds({ clients, attackers, port, durationMs, rounds, settleMs }) {
  const measured = [];
  for (let round = 0; round < rounds; round++) {
    const quiet = await clients.ask('measure', { ratePerSecond, durationMs });
    await attackers.ask('attack', { port, counts, ...flood });
    await sleep(settleMs);
    const attacked = await clients.ask('measure', { ratePerSecond, durationMs });
    measured.push({ quiet, attacked, sentAway: await attackers.ask('leave') });
    await untilAlone(port);
  }
  return measured;
}

async function metric(port, name) {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`cluster_chat_${name}{`));
  return Number(line?.split(' ').at(-1));
}

/** Waits until the node has only the clients that behave, and nothing waits to be sent. */
async function untilAlone(port) {
  const isAlone = async () =>
    (await metric(port, 'sessions')) === subscribers + 1 && (await metric(port, 'unsent_bytes')) === 0;
  for (let waitedMs = 0; waitedMs < 30_000; waitedMs += 100) {
    if (await isAlone()) return;
    await sleep(100);
  }
  throw new Error('the node still has sessions of peers that have left');
}

/** Clients that behave, before and while a thousand peers do not; and the memory of the node after those have left. */
export async function run({ quick }) {
  const { child: node, ready } = await startNode();
  const [clients, attackers] = ['latency-clients.js', 'hostile-peers.js'].map((name) => startHelper(name));
  try {
    const { port } = ready;
    await clients.ask('connect', { url: ready.url, count: subscribers });
    const measuring = { clients, attackers, port, settleMs: 2_000 };
    // Once unmeasured, so that code, pools and buffers which the first attack brings are there before.
    await measureRounds({ ...measuring, durationMs: 5_000, rounds: 1 });
    const before = await node.ask('memory');
    // Long enough for all time limits of the node to pass.
    const rounds = await measureRounds({ ...measuring, durationMs: quick ? 5_000 : 15_000, rounds: quick ? 1 : 5 });
    const after = await node.ask('memory');
    const names = ['timed_out_total', 'slow_consumers_total', 'bad_requests_total', 'connections_total'];
    const counted = {};
    for (const name of names) counted[name] = await metric(port, name);
    return [latencyRow(rounds, counted), memoryRow(before, after)];
  } finally {
    await Promise.all([clients, attackers, node].map((child) => child.end()));
  }
}

function latencyRow(rounds, counted) {
  const ratio = median(rounds.map(({ quiet, attacked }) => attacked.p99Ms / quiet.p99Ms));
  return {
    name: 'p99 during an attack',
    unit: 'ms',
    figure: median(rounds.map(({ attacked }) => attacked.p99Ms)),
    reference: median(rounds.map(({ quiet }) => quiet.p99Ms)),
    ratio,
    limit: `ratio <= ${maxRatio}`,
    ok: ratio <= maxRatio,
    details: { rounds, counted, counts, flood, subscribers, ratePerSecond },
  };
}

function memoryRow(before, after) {
  const growthBytes = after.rss - before.rss;
  return {
    name: 'memory after an attack',
    unit: 'MiB',
    figure: after.rss / 1_048_576,
    reference: before.rss / 1_048_576,
    ratio: after.rss / before.rss,
    limit: `growth <= ${maxGrowthBytes / 1_048_576} MiB`,
    ok: growthBytes <= maxGrowthBytes,
    details: { before, after },
  };
}
