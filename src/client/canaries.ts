import { nowMicros } from '../core/clock.js';
import type { Plan } from '../record/history.js';
import type { Recorder } from '../record/recorder.js';
import { type StampReading, stampBytes, writeStamp } from '../record/stamp.js';
import type { CanaryWatch } from './client-host.js';
import type { Connection } from './connection.js';
import { FanOutBudget } from './fan-out-budget.js';
import type { Probe } from './probe.js';
import type { Subscription } from './subscription.js';
import type { Tally } from './tally.js';

const tickMs = 250;
/** From one canary to the next of a destination, where the budget allows. */
const everyMicros = 2_000_000;
/** Of the whole run, all workers together: a twentieth of what ten thousand clients hear. */
const perSecond = { publishes: 200, deliveries: 500 };
/** So long after a canary has passed through the system every subscriber should have it. */
const patienceMicros = 2_000_000;
/** Canaries of one destination that are to be judged: one each two seconds. */
const maxWaiting = 32;
/** What no RECEIPT came for is forgotten after this many. */
const maxUnconfirmed = 10_000;

export interface CanariesOptions {
  /** One for each origin, which somebody else opens and closes. */
  readonly probes: readonly Probe[];
  readonly plan: Plan;
  readonly runNumber: number;
  readonly recorder: Recorder;
  readonly tally: Tally;
  /** Subscribers in the whole run, by destination. */
  readonly subscriberCounts: readonly number[];
  /** Stands in the canaries, so that each worker judges by its own: the times in others' may be of another clock. */
  readonly worker: number;
  /** The part of the run's canaries that these are, 0 to 1. */
  readonly share: number;
}

/** A canary that has passed through the system: its RECEIPT came, or a subscriber of this worker has it. */
interface Passed {
  readonly origin: number;
  readonly writtenAtMicros: number;
  /** By then every subscriber should have it. */
  readonly dueAtMicros: number;
}

interface Watched {
  readonly subscription: Subscription;
  readonly connection: Connection;
  readonly session: number;
  readonly fromMicros: number;
  /** What it has missed; it is silent if a byte comes on its connection all the same. */
  missed: Passed | undefined;
  isSilent: boolean;
  /** When a silent one heard something again, before it is known whether it is the canary itself. */
  heardAtMicros: number | undefined;
}

/**
 * Finds silence that no client library notices: a connection that lives, with heart-beats, and a subscription on it that
 * hears nothing. A canary is a marked message, sent to each destination again and again through one node after the
 * other. A subscription is silent when
 * - a canary has passed through the system, which its RECEIPT says or a neighbour who has it;
 * - its origin's messages reached the subscription before, or nothing ever did;
 * - nothing at all came on the subscription since the canary was written;
 * - a byte came on its connection two seconds after the canary had passed.
 * If the canary comes after all the messages were late, and it was no silence.
 */
export class Canaries implements CanaryWatch {
  readonly #options: CanariesOptions;
  readonly #watched = new Map<number, Map<Subscription, Watched>>();
  readonly #budget: FanOutBudget;
  /** When a canary of a destination was sent last. */
  readonly #sentAtMicros: Float64Array;
  readonly #unconfirmed = new Map<number, { destination: number; origin: number; writtenAtMicros: number }>();
  /** By destination, those that are not judged yet, oldest first. */
  readonly #passed = new Map<number, Passed[]>();
  /** Those who missed one. */
  readonly #suspects = new Set<Watched>();
  #timer: NodeJS.Timeout | undefined;
  #isSending = false;
  #sequence = 0;
  #turn = 0;

  constructor(options: CanariesOptions) {
    this.#options = options;
    const { publishes, deliveries } = perSecond;
    this.#budget = new FanOutBudget({ publishes: publishes * options.share, deliveries: deliveries * options.share });
    this.#sentAtMicros = new Float64Array(options.plan.destinations.length);
    for (const probe of options.probes) probe.onReceipt = (id) => this.#confirmed(Number(id.slice(1)));
  }

  /** Begins to send; the load has begun. */
  start(): void {
    this.#isSending = true;
    this.#timer ??= setInterval(() => this.#tick(), tickMs);
  }

  /** Sends no more, and goes on to listen. */
  stop(): void {
    this.#isSending = false;
  }

  close(): void {
    this.#isSending = false;
    clearInterval(this.#timer);
  }

  expects(subscription: Subscription, connection: Connection, session: number, fromMicros: number): void {
    const { destination } = subscription;
    const among = this.#watched.get(destination) ?? new Map<Subscription, Watched>();
    this.#watched.set(destination, among);
    const fresh = { missed: undefined, isSilent: false, heardAtMicros: undefined };
    among.set(subscription, { subscription, connection, session, fromMicros, ...fresh });
  }

  arrived(subscription: Subscription, { publisher, epoch, writtenAtMicros }: StampReading, atMicros: number): void {
    if (epoch !== this.#options.worker) return;
    const { destination } = subscription;
    this.#hasPassed(destination, publisher, writtenAtMicros);
    const watched = this.#watched.get(destination)?.get(subscription);
    if (watched?.missed === undefined) return;
    this.#heardAgain(watched, writtenAtMicros <= watched.missed.writtenAtMicros, atMicros);
  }

  gone(subscription: Subscription): void {
    const among = this.#watched.get(subscription.destination);
    const watched = among?.get(subscription);
    if (among === undefined || watched === undefined) return;
    among.delete(subscription);
    this.#noteHeard(watched);
    if (watched.heardAtMicros !== undefined) this.#heardAgain(watched, false, watched.heardAtMicros);
    this.#suspects.delete(watched);
  }

  #tick(): void {
    const atMicros = nowMicros();
    for (const [destination, waiting] of this.#passed) {
      const due = waiting.filter(({ dueAtMicros }) => dueAtMicros <= atMicros);
      waiting.splice(0, due.length);
      if (waiting.length === 0) this.#passed.delete(destination);
      for (const passed of due) {
        for (const watched of this.#watched.get(destination)?.values() ?? []) this.#judge(watched, passed);
      }
    }
    for (const watched of this.#suspects) this.#look(watched, atMicros);
    if (this.#isSending) this.#send(atMicros);
  }

  /** Whether it should have heard the canary and did not. */
  #judge(watched: Watched, passed: Passed): void {
    const { subscription, fromMicros } = watched;
    const { fencedFrom, heardAtMicros } = subscription;
    const isReached = heardAtMicros < fromMicros || (fencedFrom & (1 << passed.origin)) !== 0;
    const wasThere = fromMicros < passed.writtenAtMicros && heardAtMicros < passed.writtenAtMicros;
    if (watched.missed !== undefined || !isReached || !wasThere) return;
    watched.missed = passed;
    this.#suspects.add(watched);
  }

  #look(watched: Watched, atMicros: number): void {
    const { subscription, connection, session, missed, fromMicros } = watched;
    if (missed === undefined) return;
    if (watched.isSilent) return this.#noteHeard(watched);
    const { client, destination, heardAtMicros } = subscription;
    if (heardAtMicros >= missed.writtenAtMicros) return this.#clear(watched);
    if (!connection.isOpen || connection.lastByteAtMicros < missed.dueAtMicros) return;
    watched.isSilent = true;
    const sinceMicros = Math.max(heardAtMicros, fromMicros);
    const fact = { client, session, destination, sinceMicros, atMicros } as const;
    this.#options.recorder.session({ type: 'subscription-silent', ...fact });
  }

  #noteHeard(watched: Watched): void {
    const { missed, isSilent, subscription } = watched;
    if (!isSilent || missed === undefined || subscription.heardAtMicros < missed.writtenAtMicros) return;
    watched.heardAtMicros ??= subscription.heardAtMicros;
  }

  #heardAgain(watched: Watched, delayed: boolean, atMicros: number): void {
    const { subscription, session, isSilent, heardAtMicros } = watched;
    const { client, destination } = subscription;
    if (isSilent) {
      const fact = { client, session, destination, delayed, atMicros: heardAtMicros ?? atMicros } as const;
      this.#options.recorder.session({ type: 'subscription-heard', ...fact });
    }
    this.#clear(watched);
  }

  #clear(watched: Watched): void {
    this.#suspects.delete(watched);
    watched.missed = undefined;
    watched.isSilent = false;
    watched.heardAtMicros = undefined;
  }

  #confirmed(number: number): void {
    const sent = this.#unconfirmed.get(number);
    if (sent === undefined) return;
    this.#unconfirmed.delete(number);
    this.#hasPassed(sent.destination, sent.origin, sent.writtenAtMicros);
  }

  #hasPassed(destination: number, origin: number, writtenAtMicros: number): void {
    this.#sentAtMicros[destination] = Math.max(this.#sentAtMicros[destination] ?? 0, writtenAtMicros);
    const waiting = this.#passed.get(destination) ?? [];
    // Late ones of those that were judged are no news.
    if (writtenAtMicros < nowMicros() - 2 * patienceMicros) return;
    if (waiting.length >= maxWaiting || waiting.some((each) => each.writtenAtMicros === writtenAtMicros)) return;
    waiting.push({ origin, writtenAtMicros, dueAtMicros: nowMicros() + patienceMicros });
    this.#passed.set(destination, waiting);
  }

  #send(atMicros: number): void {
    this.#budget.refill(tickMs);
    const destinations = [...this.#watched.keys()];
    for (let i = 0; i < destinations.length; i++) {
      const at = (this.#turn + i) % destinations.length;
      const destination = destinations[at] as number;
      if ((this.#sentAtMicros[destination] as number) > atMicros - everyMicros) continue;
      if (!this.#budget.spend(this.#options.subscriberCounts[destination] ?? 1)) {
        this.#turn = at;
        return;
      }
      this.#sendTo(destination);
    }
  }

  /** Through the next origin that can be reached. */
  #sendTo(destination: number): void {
    const { probes, plan, runNumber, tally, worker } = this.#options;
    const sequence = ++this.#sequence;
    for (let i = 0; i < probes.length; i++) {
      const origin = (sequence + i) % probes.length;
      const probe = probes[origin];
      if (probe?.isOpen !== true) continue;
      const atMicros = Math.floor(nowMicros());
      const times = { intendedAtMicros: atMicros, writtenAtMicros: atMicros };
      const stamp = {
        runNumber,
        kind: 'c',
        publisher: origin,
        epoch: worker,
        destination,
        sequence,
        ...times,
      } as const;
      this.#sentAtMicros[destination] = atMicros;
      this.#unconfirmed.set(sequence, { destination, origin, writtenAtMicros: atMicros });
      const [oldest] = this.#unconfirmed.keys();
      if (this.#unconfirmed.size > maxUnconfirmed && oldest !== undefined) this.#unconfirmed.delete(oldest);
      probe.send(plan.destinations[destination] ?? '', writeStamp(stamp, stampBytes), `c${sequence}`);
      tally.canariesSent++;
      return;
    }
  }
}
