import { startHelper, startNode, startPiece } from './child.js';

// How each contestant of a fan-out is started and where its clients connect. `pids` are the processes whose CPU
// counts, `children` those that the benchmark ends, `destination` is missing where no STOMP is spoken.

const destination = '/topic/bench';

export async function startReference() {
  const server = startHelper('reference-server.js');
  const { port } = await server.readyLine();
  return { children: [server], url: `ws://127.0.0.1:${port}/`, publisherUrl: `ws://127.0.0.1:${port}/publisher` };
}

export async function startSimple() {
  const { child, ready } = await startNode();
  return { children: [child], pids: [child.pid], url: ready.url, destination };
}

export async function startEmbedded() {
  const broker = await startPiece(['broker', '--port', '0']);
  const { child, ready } = await startNode(`embedded://127.0.0.1:${broker.ready.port}`);
  const children = [child, broker.child];
  return { children, pids: children.map(({ pid }) => pid), url: ready.url, destination };
}

/** A node on a server that runs already, which does its share of the work. */
export async function startOn(brokerUrl, serverPid) {
  const { child, ready } = await startNode(brokerUrl);
  // Of its own, because RabbitMQ has subscribers of `destination` as well.
  return { children: [child], pids: [child.pid, serverPid], url: ready.url, destination: '/topic/bench-on-broker' };
}

/** The STOMP clients that connect to RabbitMQ itself. */
export function webStompOf(rabbitmq) {
  const { login, passcode } = rabbitmq;
  const url = `ws://127.0.0.1:${rabbitmq.webStompPort}/ws`;
  const credentials = { login, passcode };
  // It closes a WebSocket from which nothing came for 60 s.
  return { children: [], pids: [rabbitmq.pid], url, destination, credentials, pingEveryMs: 15_000 };
}

/** Starts counting clients for a contestant and subscribes them. */
export async function withClients({ name, limit, hasOwnIds = false }, contestant, count) {
  const clients = startHelper('counting-clients.js');
  const { url, destination, credentials, pingEveryMs } = contestant;
  await clients.ask('connect', { url, destination, credentials, pingEveryMs, count, hasOwnIds });
  return { name, limit, rounds: [], clients, ...contestant };
}

/** What the publisher of a contestant is asked with. */
export function publisherOf({ url, publisherUrl, destination, credentials }) {
  return { url: publisherUrl ?? url, destination, credentials };
}

export async function endAll(contestants) {
  for (const { clients, children } of contestants) {
    await Promise.all([clients, ...children].map((child) => child.end()));
  }
}
