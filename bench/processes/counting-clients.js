// Bare `ws` clients that only count: the same for every contestant. Against STOMP they connect and subscribe
// with frames written by hand; what comes afterwards is one delivery for each WebSocket message.
import { WebSocket } from 'ws';
import { answerWith, cpuMicros, memory } from './answer.js';

function connectFrame(credentials) {
  // RabbitMQ takes the host for the name of a virtual host, of which it has this one.
  const words = ['CONNECT', 'accept-version:1.2', 'host:/', 'heart-beat:0,0'];
  if (credentials !== undefined) words.push(`login:${credentials.login}`, `passcode:${credentials.passcode}`);
  return `${words.join('\n')}\n\n\0`;
}

const subscribeFrame = (id, destination) => `SUBSCRIBE\nid:${id}\ndestination:${destination}\nreceipt:s0\n\n\0`;
const options = { perMessageDeflate: false, skipUTF8Validation: true };

let deliveries = 0;
let failure;
const sockets = [];
let publisher;
/** Told of each delivery to the last subscriber. */
let onSentinel = () => {};

function fail(error) {
  failure ??= error;
}

function open(url) {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(url, ['v12.stomp'], options);
    ws.on('error', reject);
    ws.on('open', () => resolve(ws));
    ws.on('close', (code, reason) => fail(`a connection was closed with ${code} ${reason}`));
  });
}

function answerTo(ws, frame) {
  return new Promise((resolve) => {
    ws.once('message', (answer) => resolve(String(answer)));
    ws.send(frame);
  });
}

async function askFor(wanted, ws, frame) {
  const answer = await answerTo(ws, frame);
  if (!answer.startsWith(`${wanted}\n`)) throw new Error(`${wanted} was expected, not ${answer}`);
}

async function openSession({ url, credentials }) {
  const ws = await open(url);
  await askFor('CONNECTED', ws, connectFrame(credentials));
  return ws;
}

async function openSubscriber(options, id) {
  if (options.destination === undefined) return open(options.url);
  const ws = await openSession(options);
  await askFor('RECEIPT', ws, subscribeFrame(id, options.destination));
  return ws;
}

function count() {
  deliveries++;
}

function pingAll() {
  for (const ws of [...sockets, publisher]) if (ws?.readyState === WebSocket.OPEN) ws.ping();
}

/**
 * Opens subscribers; all have the same subscription id, as with most libraries, unless `hasOwnIds`. With `pingEveryMs`
 * they ping, for a server that closes who only listens.
 */
async function connect({ count: wanted, hasOwnIds, pingEveryMs, ...options }) {
  const target = sockets.length + wanted;
  while (sockets.length < target) {
    const batch = Array.from({ length: Math.min(50, target - sockets.length) }, (_, index) =>
      openSubscriber(options, hasOwnIds ? `sub-${sockets.length + index}` : 'sub-0'),
    );
    for (const ws of await Promise.all(batch)) {
      ws.on('message', count);
      sockets.push(ws);
    }
  }
  sockets.at(-1).on('message', () => onSentinel());
  if (pingEveryMs !== undefined) setInterval(pingAll, pingEveryMs);
}

/** Ends all connections, each with a close frame. */
async function close() {
  const closing = sockets.splice(0).map((ws) => new Promise((resolve) => ws.once('close', resolve).close()));
  await Promise.all(closing);
  failure = undefined;
}

/** Messages that were published and that the last subscriber has not got yet. */
let underWay = 0;

/** Connects the publisher, the first time; returns what publishes one message. */
async function readyPublisher({ bodyBytes, ...options }) {
  const { url, destination } = options;
  publisher ??= destination === undefined ? await open(url) : await openSession(options);
  const body = 'x'.repeat(bodyBytes);
  const frame =
    destination === undefined ? body : `SEND\ndestination:${destination}\ncontent-length:${bodyBytes}\n\n${body}\0`;
  return () => {
    underWay++;
    publisher.send(frame);
  };
}

/** Waits for what is under way, and sees to it that every subscriber has got all of it. */
async function settle(published, deliveriesBefore) {
  const isSettled = () => underWay === 0 && deliveries - deliveriesBefore === published * sockets.length;
  for (let waited = 0; !isSettled() && failure === undefined && waited < 30_000; waited += 10) await sleep(10);
  if (failure !== undefined) throw new Error(failure);
  const wanted = published * sockets.length;
  if (!isSettled()) throw new Error(`${deliveries - deliveriesBefore} of ${wanted} deliveries arrived`);
}

/**
 * Publishes for `durationMs` as fast as the last subscriber gets what was published, with at most `window`
 * messages under way, so that nobody is a slow consumer. Counts from `warmUpMs` on.
 */
async function saturate({ window, warmUpMs, durationMs, ...options }) {
  const publish = await readyPublisher(options);
  const deliveriesBefore = deliveries;
  let published = 0;
  let isRunning = true;
  let isScheduled = false;
  const refill = () => {
    isScheduled = false;
    for (; isRunning && underWay < window; published++) publish();
  };
  onSentinel = () => {
    underWay--;
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(refill);
  };
  refill();
  await sleep(warmUpMs);
  const before = { deliveries, cpu: cpuMicros(), at: performance.now() };
  await sleep(durationMs);
  const seconds = (performance.now() - before.at) / 1000;
  const counted = deliveries - before.deliveries;
  const cpuShare = (cpuMicros() - before.cpu) / 1e6 / seconds;
  isRunning = false;
  await settle(published, deliveriesBefore);
  return { perSecond: counted / seconds, cpuShare };
}

/** Publishes `ratePerSecond` evenly; resolves when everything has arrived, with what was delivered how fast. */
async function pace({ ratePerSecond, durationMs, ...options }) {
  const publish = await readyPublisher(options);
  const before = { deliveries, at: performance.now() };
  const passedMs = () => performance.now() - before.at;
  let published = 0;
  onSentinel = () => underWay--;
  while (passedMs() < durationMs) {
    for (; published < (passedMs() * ratePerSecond) / 1000; published++) publish();
    await sleep((published * 1000) / ratePerSecond - passedMs());
  }
  await settle(published, before.deliveries);
  const counted = deliveries - before.deliveries;
  return { deliveries: counted, perSecond: (counted / passedMs()) * 1000 };
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

answerWith({ connect, close, saturate, pace, memory, read: () => ({ deliveries, cpuMicros: cpuMicros() }) });
