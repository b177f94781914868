import { type Attendance, nodeOf } from './attendance.js';
import type { SessionFact, SubscriptionHeard, SubscriptionSilent } from './history.js';
import { isSilenceFact } from './silence-fact.js';

/**
 * Silence that no client library notices. *zombie-subscription*: the connection lives, the messages are gone.
 * *missing-resubscribe*: the client came back and its subscription did not.
 */
export type SilenceKind = 'zombie-subscription' | 'missing-resubscribe';

/** A subscription that heard nothing while canaries passed it by, by indices of the plan. */
export interface Silence {
  readonly client: number;
  readonly node: number;
  readonly destination: number;
  readonly kind: SilenceKind;
  readonly sinceMicros: number;
  /** When it heard something again or its session ended; undefined when that never came. */
  readonly untilMicros: number | undefined;
}

/** Silences of a run, and of how many subscriptions. */
export interface Silences {
  /** Oldest first, 1,000 at most. */
  readonly examples: readonly Silence[];
  /** Subscriptions that were silent at least once. */
  readonly subscriptions: number;
}

const maxExamples = 1000;

/** Collects what was observed of silent subscriptions. At most one fact of each kind for a silence. */
export class SilenceBook {
  readonly #silent: SubscriptionSilent[] = [];
  readonly #heard = new Map<string, SubscriptionHeard[]>();

  add(fact: SessionFact): void {
    if (!isSilenceFact(fact)) return;
    if (fact.type === 'subscription-silent') this.#silent.push(fact);
    else this.#heard.set(keyOf(fact), [...(this.#heard.get(keyOf(fact)) ?? []), fact]);
  }

  /** What was silence, and not only late. */
  settle(attendance: Attendance): Silences {
    const found = this.#silent.flatMap((fact) => this.#settleOne(fact, attendance) ?? []);
    const subscriptions = new Set(found.map(({ client, destination }) => `${client}/${destination}`)).size;
    const sorted = found.sort(
      (a, b) => a.sinceMicros - b.sinceMicros || a.client - b.client || a.destination - b.destination,
    );
    return { examples: sorted.slice(0, maxExamples), subscriptions };
  }

  #settleOne(fact: SubscriptionSilent, attendance: Attendance): Silence | undefined {
    const { client, destination, session, sinceMicros, atMicros } = fact;
    // What it heard at that very moment ended the silence before: this one counts from it.
    const heard = this.#heard.get(keyOf(fact))?.find((each) => each.atMicros > sinceMicros);
    if (heard?.delayed === true) return undefined;
    const windows = attendance.find(client, destination)?.windows ?? [];
    const own = windows.findLast((each) => each.session.number === session && each.writtenAtMicros <= atMicros);
    const closedAtMicros = attendance.sessionsOf(client)[session]?.closedAtMicros ?? Infinity;
    const untilMicros = Math.min(
      heard?.atMicros ?? Infinity,
      own?.unsubscribeWrittenAtMicros ?? Infinity,
      closedAtMicros,
    );
    const wasConfirmedBefore = windows.some(
      (each) => each.session.number < session && each.confirmedAtMicros < Infinity,
    );
    const heardNothing = own === undefined || sinceMicros <= own.confirmedAtMicros;
    return {
      client,
      node: nodeOf(attendance.sessionsOf(client), session),
      destination,
      kind: wasConfirmedBefore && heardNothing ? 'missing-resubscribe' : 'zombie-subscription',
      sinceMicros,
      untilMicros: untilMicros === Infinity ? undefined : untilMicros,
    };
  }
}

function keyOf({ client, session, destination }: SubscriptionSilent | SubscriptionHeard): string {
  return `${client}/${session}/${destination}`;
}
