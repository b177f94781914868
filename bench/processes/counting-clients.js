// Bare `ws` clients that only count: the same for every contestant. Against STOMP they connect and subscribe
// with frames written by hand; what comes afterwards is one delivery for each WebSocket message.
import { WebSocket } from 'ws';
import { answerWith, cpuMicros, memory } from './answer.js';

const connectFrame = 'CONNECT\naccept-version:1.2\nhost:bench\nheart-beat:0,0\n\n\0';
const subscribeFrame = (destination) => `SUBSCRIBE\nid:0\ndestination:${destination}\nreceipt:s0\n\n\0`;
const options = { perMessageDeflate: false, skipUTF8Validation: true };

let deliveries = 0;
let failure;
const sockets = [];
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
    ws.once('message', resolve);
    ws.send(frame);
  });
}

async function openSession(url) {
  const ws = await open(url);
  await answerTo(ws, connectFrame);
  return ws;
}

async function openSubscriber({ url, destination }) {
  if (destination === undefined) return open(url);
  const ws = await openSession(url);
  await answerTo(ws, subscribeFrame(destination));
  return ws;
}

function count() {
  deliveries++;
}

async function connect({ url, destination, count: wanted }) {
  const target = sockets.length + wanted;
  while (sockets.length < target) {
    const batch = Array.from({ length: Math.min(50, target - sockets.length) }, () =>
      openSubscriber({ url, destination }),
    );
    for (const ws of await Promise.all(batch)) {
      ws.on('message', count);
      sockets.push(ws);
    }
  }
  sockets.at(-1).on('message', () => onSentinel());
}

/** Ends all connections, each with a close frame. */
async function close() {
  const closing = sockets.splice(0).map((ws) => new Promise((resolve) => ws.once('close', resolve).close()));
  await Promise.all(closing);
  failure = undefined;
}

let publisher;

/**
 * Publishes for `durationMs` as fast as the last subscriber gets what was published, with at most `window`
 * messages under way, so that nobody is a slow consumer. Counts from `warmUpMs` on.
 */
async function saturate({ url, destination, window, bodyBytes, warmUpMs, durationMs }) {
  publisher ??= destination === undefined ? await open(url) : await openSession(url);
  const body = 'x'.repeat(bodyBytes);
  const frame =
    destination === undefined ? body : `SEND\ndestination:${destination}\ncontent-length:${bodyBytes}\n\n${body}\0`;
  let underWay = 0;
  let isRunning = true;
  let isScheduled = false;
  const refill = () => {
    isScheduled = false;
    for (; isRunning && underWay < window; underWay++) publisher.send(frame);
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
  for (let waited = 0; underWay > 0 && waited < 5_000; waited += 10) await sleep(10);
  onSentinel = () => {};
  if (failure !== undefined) throw new Error(failure);
  return { perSecond: counted / seconds, cpuShare };
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

answerWith({ connect, close, saturate, memory, read: () => ({ deliveries, cpuMicros: cpuMicros() }) });
