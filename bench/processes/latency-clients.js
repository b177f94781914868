// Clients that behave: some subscribers and one publisher at a steady rate, which tell how long deliveries took.
import { WebSocket } from 'ws';
import { answerWith } from './answer.js';

const destination = '/topic/of-those-who-behave';
const sockets = [];
let publisher;
let failure;
/** Milliseconds from the moment at which a message was due to each of its deliveries. */
let latenciesMs = [];

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function openSession(url) {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(url, ['v12.stomp'], { perMessageDeflate: false, skipUTF8Validation: true });
    ws.on('error', reject);
    ws.on('close', (code) => {
      failure ??= `a client that behaves was closed with ${code}`;
    });
    ws.once('open', () => ws.send('CONNECT\naccept-version:1.2\nhost:/\nheart-beat:0,0\n\n\0'));
    ws.once('message', () => resolve(ws));
  });
}

function arrived(data) {
  const body = data.subarray(data.indexOf('\n\n') + 2, data.length - 1);
  latenciesMs.push(performance.now() - Number(body));
}

async function connect({ url, count }) {
  for (let i = 0; i < count; i++) {
    const ws = await openSession(url);
    ws.send(`SUBSCRIBE\nid:1\ndestination:${destination}\nreceipt:r\n\n\0`);
    await new Promise((resolve) => ws.once('message', resolve));
    ws.on('message', arrived);
    sockets.push(ws);
  }
  publisher = await openSession(url);
}

function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/**
 * Publishes evenly for that long. A message carries the moment at which it was due, so that a publisher that is
 * kept waiting does not hide it. Fails when anything was lost, or anybody closed.
 */
async function measure({ ratePerSecond, durationMs }) {
  latenciesMs = [];
  const startMs = performance.now();
  let published = 0;
  while (performance.now() - startMs < durationMs) {
    const dueMs = startMs + (published * 1_000) / ratePerSecond;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) {
      await sleep(waitMs);
      continue;
    }
    publisher.send(`SEND\ndestination:${destination}\n\n${dueMs}\0`);
    published++;
  }
  const wanted = published * sockets.length;
  for (let waitedMs = 0; latenciesMs.length < wanted && waitedMs < 30_000; waitedMs += 10) await sleep(10);
  if (failure !== undefined) throw new Error(failure);
  if (latenciesMs.length !== wanted) throw new Error(`${latenciesMs.length} of ${wanted} deliveries arrived`);
  const sorted = latenciesMs.sort((a, b) => a - b);
  return { deliveries: wanted, p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99), maxMs: sorted.at(-1) };
}

answerWith({ connect, measure });
