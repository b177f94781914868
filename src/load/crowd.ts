import { Canaries } from '../client/canaries.js';
import { Client } from '../client/client.js';
import type { ClientHost, ClientProfile } from '../client/client-host.js';
import type { Engine, EngineName } from '../client/connection.js';
import { DrainBook, subscriberCounts } from '../client/drain.js';
import { loadEngine } from '../client/engine.js';
import type { ProbeTarget } from '../client/probe.js';
import { maxOrigins, Prober } from '../client/prober.js';
import { emptyTally, type Tally } from '../client/tally.js';
import { AppError } from '../core/errors.js';
import { createRandom, type Random } from '../core/random.js';
import { createRecorder, type Recorder } from '../record/recorder.js';
import { emptyReading, runNumber, stampBytes } from '../record/stamp.js';
import type { ClientGroup, LoadSpec } from './load-spec.js';
import { type PlannedRun, planRun, workerOf } from './plan.js';

/** The clients of one worker with everything that they share. */
export interface Crowd {
  readonly spec: LoadSpec;
  readonly run: PlannedRun;
  readonly random: Random;
  readonly recorder: Recorder;
  readonly tally: Tally;
  readonly prober: Prober;
  readonly canaries: Canaries;
  readonly clients: readonly Client[];
  /** The same clients by group, in the order of the spec. */
  readonly groups: readonly { readonly group: ClientGroup; readonly clients: readonly Client[] }[];
  readonly subscriptions: number;
  readonly drainExpected: number;
  /** Subscribers in the whole run, by destination. */
  readonly subscriberCounts: readonly number[];
  closeEngines(): void;
}

function checkUrl(url: string): string {
  if (URL.canParse(url)) return url;
  throw new AppError('scenario-invalid', `${url} is not a URL.`, { hint: 'Write it as ws://host:port/path.' });
}

/** Where clients connect, and whether that says which node it is. */
function frontDoor(spec: LoadSpec, via: ClientGroup['via']): { urls: readonly string[]; isDirect: boolean } {
  const balancerUrl = via === 'balancer' ? spec.balancerUrl : undefined;
  const urls = balancerUrl === undefined ? spec.nodes.map((node) => node.url) : [balancerUrl];
  if (urls.length === 0)
    throw new AppError('scenario-invalid', 'There is neither a node nor a balancer to connect to.');
  if (spec.nodes.length > maxOrigins) {
    throw new AppError('scenario-invalid', `Fences reach at most ${maxOrigins} nodes.`);
  }
  return { urls: urls.map(checkUrl), isDirect: balancerUrl === undefined };
}

function profileOf(spec: LoadSpec, group: ClientGroup, engine: Engine): ClientProfile {
  const { headers, login, passcode, connectTimeoutMs } = spec;
  const door = frontDoor(spec, group.via);
  return {
    engine,
    ...door,
    headers,
    host: spec.host ?? new URL(door.urls[0] ?? '').hostname,
    login,
    passcode,
    heartbeatMs: group.heartbeatMs,
    connectTimeoutMs,
    recovers: group.recover,
    reconnect: group.reconnect,
    session: group.session,
    leavesHard: group.leavesHard,
    sizeBytes: group.send?.sizeBytes ?? stampBytes,
    receipt: group.send?.receipt ?? false,
  };
}

/** Where fences enter: every node, or the balancer where nodes are not known. */
function probeTargets(spec: LoadSpec): ProbeTarget[] {
  const urls = spec.nodes.length > 0 ? spec.nodes.map((node) => node.url) : frontDoor(spec, 'balancer').urls;
  return urls.map((url) => ({
    url: checkUrl(url),
    headers: spec.headers,
    host: spec.host ?? new URL(url).hostname,
    login: spec.login,
    passcode: spec.passcode,
    heartbeat: { sendMs: 5000, wantMs: 5000 },
    connectTimeoutMs: spec.connectTimeoutMs,
  }));
}

/**
 * Makes the clients whose index modulo `workers` is `worker`. Nothing connects yet.
 * @throws AppError 'scenario-invalid'
 */
export async function createCrowd(
  spec: LoadSpec,
  share: { worker: number; workers: number; onFatal: (error: AppError) => void },
): Promise<Crowd> {
  const run = planRun(spec);
  const { plan } = run;
  const engines = new Map<EngineName, Engine>();
  for (const name of new Set<EngineName>(['lean', ...spec.groups.map((group) => group.engine)])) {
    engines.set(name, await loadEngine(name));
  }
  const engineOf = (name: EngineName): Engine => engines.get(name) as Engine;
  const random = createRandom(spec.seed).fork(`worker-${share.worker}`);
  const recorder = createRecorder();
  const tally = emptyTally();
  const counts = subscriberCounts(plan);
  const number = runNumber(spec.runId);
  const prober = new Prober({
    engine: engineOf('lean'),
    targets: probeTargets(spec),
    plan,
    runNumber: number,
    tally,
    random,
    fenceTimeoutMs: spec.fenceTimeoutMs,
    subscriberCounts: counts,
    share: 1 / share.workers,
  });
  const canaries = new Canaries({
    ...{ probes: prober.probes, plan, runNumber: number, recorder, tally },
    ...{ subscriberCounts: counts, worker: share.worker, share: 1 / share.workers },
  });
  const drains = new DrainBook(plan, tally);
  // Chance that belongs to a client must not depend on how clients are spread over workers.
  const host: ClientHost = {
    plan,
    runNumber: number,
    recorder,
    tally,
    random: createRandom(spec.seed),
    reading: emptyReading(),
    fences: prober,
    drains,
    canaries,
    onFatal: share.onFatal,
  };
  const groups = spec.groups.map((group) => {
    const profile = profileOf(spec, group, engineOf(group.engine));
    const mine = run.settings.filter(
      (one) => one.group === group && workerOf(one.index, share.workers) === share.worker,
    );
    return {
      group,
      clients: mine.map((one) => new Client(host, profile, one.index, one.user)),
    };
  });
  const clients = groups.flatMap((one) => one.clients);
  const destinations = clients.flatMap((client) => plan.clients[client.index]?.subscribes ?? []);
  return {
    spec,
    run,
    random,
    recorder,
    tally,
    prober,
    canaries,
    clients,
    groups,
    subscriptions: destinations.length,
    drainExpected: drains.expected(destinations),
    subscriberCounts: counts,
    closeEngines: () => {
      for (const engine of engines.values()) engine.close();
    },
  };
}
