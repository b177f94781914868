import { endAll, publisherOf, startEmbedded, startOn, webStompOf, withClients } from '../contestants.js';
import { treeCpuSeconds } from '../process-cpu.js';
import { median } from '../statistics.js';
import { bodyBytes, subscribers, window } from './fan-out.js';

/** To 200 subscribers these are 20,000 deliveries a second. */
const ratePerSecond = 100;
const minRatio = 10;
const maxCpuRatio = 0.5;

async function saturate(contestant, times) {
  const options = { ...publisherOf(contestant), window, bodyBytes, ...times };
  contestant.rounds.push(await contestant.clients.ask('saturate', options));
}

/** CPU of all servers that take part, for each delivery of a load that is the same for everyone. */
async function pace(contestant, durationMs) {
  const before = treeCpuSeconds(contestant.pids);
  const options = { ...publisherOf(contestant), ratePerSecond, bodyBytes, durationMs };
  const { deliveries, perSecond } = await contestant.clients.ask('pace', options);
  const cpuMicros = (treeCpuSeconds(contestant.pids) - before) * 1e6;
  contestant.pacedRounds.push({ deliveries, perSecond, cpuMicros: cpuMicros / deliveries });
}

async function measure(contestants, quick) {
  const count = quick ? 3 : 9;
  const times = { warmUpMs: 400, durationMs: 1_000 };
  for (let round = 0; round < count; round++) {
    for (const contestant of contestants) await saturate(contestant, times);
  }
  for (let round = 0; round < count; round++) {
    for (const contestant of contestants) await pace(contestant, 2_000);
  }
}

/**
 * The same work, 1 publisher and 200 subscribers, by one node on each broker and by RabbitMQ alone, whose clients
 * speak STOMP with its Web-STOMP plugin. Without the programs nothing is measured, which the rows say.
 */
export async function run({ quick, sourceUrl }) {
  const { requireService, startRabbitmq, startRedis } = await import(sourceUrl);
  const cure = (program) => `${program} is not installed: apt-get install ${program}`;
  if (requireService('rabbitmq-server', 'rabbitmq-server') === undefined) {
    return ['embedded', 'amqp', 'redis'].map((name) => notMeasured(name, cure('rabbitmq-server')));
  }
  const hasRedis = requireService('redis-server', 'redis-server') !== undefined;
  const started = [];
  const services = [];
  try {
    const rabbitmq = await startRabbitmq();
    services.push(rabbitmq);
    const add = async (name, contestant) => {
      started.push({ ...(await withClients({ name }, contestant, subscribers)), pacedRounds: [] });
    };
    await add('RabbitMQ Web-STOMP', webStompOf(rabbitmq));
    await add('embedded', await startEmbedded());
    await add('amqp', await startOn(rabbitmq.amqpUrl, rabbitmq.pid));
    if (hasRedis) {
      const redis = await startRedis();
      services.push(redis);
      await add('redis', await startOn(redis.url, redis.pid));
    }
    await measure(started, quick);
  } finally {
    await endAll(started);
    for (const service of services) await service[Symbol.asyncDispose]();
  }
  const [reference, ...others] = started;
  const rows = others.flatMap((contestant) => [fanOutRow(contestant, reference), cpuRow(contestant, reference)]);
  return hasRedis ? rows : [...rows, notMeasured('redis', cure('redis-server'))];
}

function notMeasured(name, skipped) {
  return { name: `${name} beside RabbitMQ`, skipped, ok: true };
}

function fanOutRow({ name, rounds }, reference) {
  const ratio = median(rounds.map((round, i) => round.perSecond / reference.rounds[i].perSecond));
  const isLimited = name === 'embedded';
  return {
    name: `fan-out ${name} beside RabbitMQ`,
    unit: 'deliveries/s',
    figure: median(rounds.map((round) => round.perSecond)),
    reference: median(reference.rounds.map((round) => round.perSecond)),
    ratio,
    limit: isLimited ? `ratio >= ${minRatio}` : 'none',
    ok: !isLimited || ratio >= minRatio,
    details: { rounds, referenceRounds: reference.rounds, subscribers, window, bodyBytes },
  };
}

function cpuRow({ name, pacedRounds }, reference) {
  const referenceRounds = reference.pacedRounds;
  const ratio = median(pacedRounds.map((round, i) => round.cpuMicros / referenceRounds[i].cpuMicros));
  const isLimited = name === 'embedded';
  return {
    name: `CPU ${name} beside RabbitMQ`,
    unit: 'µs/delivery',
    figure: median(pacedRounds.map((round) => round.cpuMicros)),
    reference: median(referenceRounds.map((round) => round.cpuMicros)),
    ratio,
    limit: isLimited ? `ratio <= ${maxCpuRatio}` : 'none',
    ok: !isLimited || ratio <= maxCpuRatio,
    details: { rounds: pacedRounds, referenceRounds, subscribers, ratePerSecond, bodyBytes },
  };
}
