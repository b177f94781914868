// The clients of a worker: the same Client, lean engine and recorder, whose facts are taken four times a second.
//   lean-clients.js <URL of the bundled source> <run number>
import { answerWith, cpuMicros, memory } from './answer.js';

const [sourceUrl, runNumber] = process.argv.slice(2);
const { Client, createLeanEngine, createRandom, createRecorder, emptyReading, emptyTally, keepYoungGenerationSmall } =
  await import(sourceUrl);

keepYoungGenerationSmall();

const engine = createLeanEngine();
const recorder = createRecorder();
const tally = emptyTally();
const clients = [];
let recorded = 0;
let failure;

function createHost(destination, count) {
  const planned = { subscribes: [0], publishes: [], recovers: true };
  return {
    plan: { runId: 'bench', nodes: ['node-1'], destinations: [destination], clients: Array(count).fill(planned) },
    runNumber: Number(runNumber),
    recorder,
    tally,
    random: createRandom(1),
    reading: emptyReading(),
    fences: { asked() {}, confirmed() {}, arrived() {}, lost() {} },
    drains: { arrived() {} },
    onFatal: (error) => {
      failure = error;
    },
  };
}

function profileFor(url) {
  return {
    engine,
    urls: [url],
    isDirect: true,
    headers: {},
    host: 'bench',
    login: undefined,
    passcode: undefined,
    heartbeatMs: 0,
    connectTimeoutMs: 20_000,
    recovers: true,
    reconnect: { profile: 'stompjs-default', minMs: 100, maxMs: 5_000, delayMs: undefined },
    session: false,
    leavesHard: false,
    sizeBytes: 200,
    receipt: true,
  };
}

/** Far beyond what any step takes; a bench that waits for ever tells nobody what is wrong. */
const patienceMs = 60_000;

async function until(condition) {
  const deadline = performance.now() + patienceMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`${tally.confirmed} of ${clients.length} clients are ready`);
    if (failure !== undefined) throw failure;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function connect({ url, destination, count }) {
  const host = createHost(destination, count);
  const profile = profileFor(url);
  for (let made = 0; made < count; made += 50) {
    for (let index = made; index < Math.min(count, made + 50); index++) {
      const client = new Client(host, profile, index);
      clients.push(client);
      client.start();
    }
    await until(() => tally.confirmed === clients.length);
  }
}

async function close() {
  for (const client of clients) client.close();
  await until(() => clients.every((client) => client.state === 'closed'));
  clients.length = 0;
}

setInterval(() => {
  recorded += recorder.take().arrivals.sequence.length;
}, 250);

answerWith({
  exit: () => process.exit(),
  connect,
  close,
  memory,
  read: () => ({ deliveries: recorded, cpuMicros: cpuMicros() }),
});
