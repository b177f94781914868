import { Canaries } from '../../src/client/canaries.js';
import type { ClientHost, ClientProfile } from '../../src/client/client-host.js';
import {
  type Connection,
  type ConnectionEvents,
  type ConnectionOptions,
  type Engine,
  emptyMessage,
} from '../../src/client/connection.js';
import { DrainBook } from '../../src/client/drain.js';
import { Prober } from '../../src/client/prober.js';
import { emptyTally } from '../../src/client/tally.js';
import { nowMicros } from '../../src/core/clock.js';
import { createRandom } from '../../src/core/random.js';
import type { Plan } from '../../src/record/history.js';
import { createRecorder } from '../../src/record/recorder.js';
import { emptyReading, runNumber, type StampKind, stampBytes, writeStamp } from '../../src/record/stamp.js';
import { FrameHeaders } from '../../src/stomp/frame.js';

/** A server whose every word the test says: no real one gives no receipts, or lies, when it is told to. */
export class ScriptedConnection implements Connection {
  readonly login: string | undefined;
  readonly events: ConnectionEvents;
  readonly subscribed: { destination: string; headers: Readonly<Record<string, string>>; receiptId: string }[] = [];
  readonly sent: { destination: string; body: Buffer; receiptId: string | undefined }[] = [];
  isOpen = false;
  unsentBytes = 0;
  lastByteAtMicros = 0;

  constructor(options: ConnectionOptions) {
    this.login = options.login;
    this.events = options.events;
  }

  connect(): void {
    this.isOpen = true;
    this.events.connected(FrameHeaders.of({}));
  }

  lose(code = 1006): void {
    this.isOpen = false;
    this.events.closed({ code, reason: '', lastByteAtMicros: nowMicros(), cause: undefined });
  }

  receipt(id: string, headers: Readonly<Record<string, string>> = {}): void {
    this.events.receipt(id, FrameHeaders.of(headers));
  }

  error(headers: Readonly<Record<string, string>>): void {
    this.events.error(FrameHeaders.of(headers), '');
  }

  /** A MESSAGE of another publisher, or a fence of an origin. */
  message(kind: StampKind, stamp: { publisher: number; sequence?: number; offset?: number }): void {
    const atMicros = nowMicros();
    const body = writeStamp(
      {
        ...{ runNumber: runNumber(planOfTwo.runId), kind, epoch: 1, destination: 0, sequence: 1 },
        ...{ intendedAtMicros: atMicros, writtenAtMicros: atMicros },
        ...stamp,
      },
      stampBytes,
    );
    const epoch = stamp.offset === undefined ? undefined : 'e';
    this.events.message({ ...emptyMessage(), subscription: 0, epoch, offset: stamp.offset, atMicros, body });
  }

  send(destination: string, body: Buffer, receiptId?: string): void {
    this.sent.push({ destination, body, receiptId });
  }

  subscribe(_id: number, destination: string, headers: Readonly<Record<string, string>>, receiptId: string): void {
    this.subscribed.push({ destination, headers, receiptId });
  }

  unsubscribe(): void {}

  disconnect(): void {
    this.lose(1000);
  }

  setReading(): boolean {
    return true;
  }

  terminate(): void {
    this.lose();
  }
}

/** Two nodes, one destination, two clients that send to it and listen on it. */
export const planOfTwo: Plan = {
  runId: 'deadbeef',
  nodes: ['node-1', 'node-2'],
  destinations: ['/topic/a'],
  clients: [
    { subscribes: [0], publishes: [0], recovers: true },
    { subscribes: [0], publishes: [0], recovers: true },
  ],
};

/** The same with one more destination, which both clients only listen on. */
export const planOfTwoRooms: Plan = {
  ...planOfTwo,
  destinations: ['/topic/a', '/topic/b'],
  clients: planOfTwo.clients.map((client) => ({ ...client, subscribes: [0, 1] })),
};

/** Everything around a client, with every connection that is opened in `connections`. */
export function scriptedWorld(plan: Plan = planOfTwo) {
  const connections: ScriptedConnection[] = [];
  const engine: Engine = {
    name: 'lean',
    open(options) {
      const connection = new ScriptedConnection(options);
      connections.push(connection);
      return connection;
    },
    close: () => undefined,
  };
  return { connections, ...worldOf(engine, 'ws://scripted', plan) };
}

/** Everything around the clients of a plan. */
export function worldOf(engine: Engine, url: string, plan: Plan = planOfTwo) {
  const { clients, destinations } = plan;
  const subscriberCounts = destinations.map(() => clients.length);
  const tally = emptyTally();
  const random = createRandom(1);
  const target = {
    ...{ url, headers: {}, host: '/', login: undefined, passcode: undefined },
    ...{ heartbeat: { sendMs: 0, wantMs: 0 }, connectTimeoutMs: 1000 },
  };
  const prober = new Prober({
    ...{ engine, targets: [target, target], plan, runNumber: runNumber(plan.runId), tally, random },
    ...{ fenceTimeoutMs: 5000, subscriberCounts, share: 1 },
  });
  const recorder = createRecorder();
  const canaries = new Canaries({
    ...{ probes: prober.probes, plan, runNumber: runNumber(plan.runId), recorder, tally },
    ...{ subscriberCounts, worker: 0, share: 1 },
  });
  const host: ClientHost = {
    ...{ plan, runNumber: runNumber(plan.runId), recorder, tally, random, reading: emptyReading() },
    ...{ fences: prober, drains: new DrainBook(plan, tally), canaries },
    onFatal: (error) => {
      throw error;
    },
  };
  const profile: ClientProfile = {
    ...{ engine, urls: [url], isDirect: true, headers: {}, host: '/', login: undefined },
    ...{ passcode: undefined, heartbeatMs: 0, connectTimeoutMs: 1000, recovers: true, sizeBytes: 100, receipt: true },
    reconnect: { profile: 'full-jitter', minMs: 10, maxMs: 10, delayMs: undefined, resubscribes: true },
    session: false,
    leavesHard: false,
  };
  return { prober, canaries, recorder, host, profile, tally };
}
