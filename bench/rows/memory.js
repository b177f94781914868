import { startHelper, startNode } from '../child.js';

/** Opened and closed again before the baseline: code and pools that the first connections bring are not theirs. */
const warmUpConnections = 200;
const destination = '/topic/bench';
const runNumber = '1';

/** Bytes for one connection: growth of the resident and of the external memory between two readings. */
function bytesPerConnection(before, after, connections) {
  return (after.rss - before.rss + after.external - before.external) / connections;
}

/** Connects, holding still until both sides have answered every SUBSCRIBE; reads the memory of `measured`. */
async function growthOf(measured, clients, url, connections) {
  await clients.ask('connect', { url, destination, count: warmUpConnections });
  await clients.ask('close');
  const before = await measured.ask('memory');
  await clients.ask('connect', { url, destination, count: connections });
  const after = await measured.ask('memory');
  return { bytes: bytesPerConnection(before, after, connections), before, after, connections };
}

async function nodeRow(connections) {
  const { child: node, ready } = await startNode();
  const clients = startHelper('counting-clients.js', [], { execArgv: ['--expose-gc'] });
  try {
    return rowOf('memory node', 12, await growthOf(node, clients, ready.url, connections));
  } finally {
    await Promise.all([node.end(), clients.end()]);
  }
}

async function clientRow(connections, sourceUrl) {
  const { child: node, ready } = await startNode();
  const clients = startHelper('lean-clients.js', [sourceUrl, runNumber], { execArgv: ['--expose-gc'] });
  try {
    return rowOf('memory lean client', 14, await growthOf(clients, clients, ready.url, connections));
  } finally {
    await Promise.all([node.end(), clients.end()]);
  }
}

function rowOf(name, limitKilobytes, { bytes, ...details }) {
  const limitBytes = limitKilobytes * 1024;
  return {
    name,
    unit: 'B/connection',
    figure: bytes,
    reference: limitBytes,
    ratio: bytes / limitBytes,
    limit: `figure <= ${limitKilobytes} KiB`,
    ok: bytes <= limitBytes,
    details,
  };
}

/** What an idle, subscribed connection costs on the node and in the lean client. */
export async function run({ quick, sourceUrl }) {
  const connections = quick ? 2_000 : 4_000;
  return [await nodeRow(connections), await clientRow(connections, sourceUrl)];
}
