import type { MessageIdentity } from './journal-rows.js';
import type { Cause } from './result.js';

/** One life of a node, from its start to its end, as its journal has it. */
export interface NodeLife {
  /** Index in the plan. */
  readonly node: number;
  /** Until when the journal is complete. */
  readonly completeToMicros: number;
  /** Whether the node ended in order, so that nothing is missing. */
  readonly isClosed: boolean;
}

/** Where a message was seen. */
export interface Trace {
  /** Lives that read it from its publisher. */
  readonly accepted: readonly number[];
  /** Whether the broker confirmed it to one of those. */
  readonly passed: boolean;
  /** Lives that the broker brought it to; where sessions have broker connections of their own, ids of sought sessions. */
  readonly brought: readonly (number | string)[];
  /** Ids of the sought sessions to whose sockets it was written. */
  readonly written: readonly string[];
}

/**
 * What the journals of the nodes say about the messages that a run misses: plain data, so that it can stand in
 * `events.ndjson` when the journals are gone.
 */
export interface Testimony {
  readonly lives: readonly NodeLife[];
  /** By the id that the server gave it: the life that it belongs to, and the node's close code, null while it is open. */
  readonly sessions: Readonly<Record<string, readonly [life: number, closeCode: number | null]>>;
  /** By `messageKey`; a message that no journal knows has no trace. */
  readonly messages: Readonly<Record<string, Trace>>;
  /** Whether more was missing than was sought: then a message without a trace may not have been looked for at all. */
  readonly isCapped?: boolean;
}

/** What is looked for in the journals. */
export interface Sought {
  /** Keys of messages. */
  readonly messages: ReadonlySet<string>;
  /** Ids of sessions, as the server gave them. */
  readonly sessions: ReadonlySet<string>;
  /** Whether there are more messages than those. */
  readonly isCapped?: boolean;
}

/** Names a message of the run in a testimony. */
export function messageKey({ publisher, epoch, destination, sequence }: MessageIdentity): string {
  return `${publisher}/${epoch}/${destination}/${sequence}`;
}

/** A missing delivery, as the journals are asked about it. */
export interface Loss {
  readonly key: string;
  /** When it was committed: its receipt, or its first arrival anywhere. */
  readonly toMicros: number;
  /** The end of the history. */
  readonly endMicros: number;
  /** The subscriber's session at the time, as the server named it; undefined when it did not. */
  readonly sessionId: string | undefined;
  /** The publisher's session, as its server named it. */
  readonly originSessionId: string | undefined;
  /** Whether the session ended against the client's will and no later message overtook this one in it. */
  readonly endsEarly: boolean;
  /** Whether it ended so soon afterwards that the message may have died with it. */
  readonly isLost: boolean;
  /** Whether any subscriber anywhere got it. */
  readonly anybody: boolean;
}

/**
 * A node that lived so long after a message was committed, and in all that time neither passed it to the broker nor was
 * brought it, will not have died just before that.
 */
const patienceMicros = 1_000_000;

/** The close code of a node for clients that do not read. */
const slowCode = 4500;

/**
 * The cause of a missing delivery as the nodes' journals prove it; undefined where they do not, because a journal ends
 * too early, or there is none. What stands in a journal happened; that something is not there proves something only
 * where the journal is known to be complete.
 *
 * Beyond the table of causes in three points. A node that said it has a message and lived on without passing it to the
 * broker has not relayed it: `never-relayed`, as for a node that did not write it. A message that had not
 * reached the subscriber's node when that or the session died was under way to it: `in-flight`. A message written to a
 * session that lived on and yet was not received is `unexplained`: no node lost it.
 */
export function causeByTestimony(testimony: Testimony, loss: Loss): Cause | undefined {
  const trace = testimony.messages[loss.key];
  const session = loss.sessionId === undefined ? undefined : testimony.sessions[loss.sessionId];
  if (loss.sessionId === undefined || session === undefined) return undefined;
  if (session[1] === slowCode && loss.endsEarly) return 'slow-consumer';
  if (trace === undefined && testimony.isCapped === true) return undefined;
  if (!loss.anybody && trace?.passed !== true) return causeAtOrigin(testimony, trace, loss);
  if (trace === undefined) return undefined;
  const life = testimony.lives[session[0]];
  if (life === undefined) return undefined;
  if (!trace.brought.includes(session[0]) && !trace.brought.includes(loss.sessionId)) {
    // A broker connection of its own ends with the session, however long the node lives on.
    if (loss.isLost && hasOwnConnections(trace)) return 'in-flight';
    if (livedOn(life, loss)) return 'broker-gap';
    return loss.isLost ? 'in-flight' : undefined;
  }
  if (trace.written.includes(loss.sessionId)) return loss.isLost ? 'in-flight' : 'unexplained';
  if (loss.isLost) return 'in-flight';
  return livedOn(life, loss) ? 'never-relayed' : undefined;
}

/** Whether sessions have broker connections of their own, as far as the message was brought to any. */
function hasOwnConnections({ brought }: Trace): boolean {
  return brought.some((to) => typeof to === 'string');
}

/** The message was acknowledged, and no journal has that the broker confirmed it. */
function causeAtOrigin({ lives, sessions }: Testimony, trace: Trace | undefined, loss: Loss): Cause | undefined {
  const own = loss.originSessionId === undefined ? undefined : sessions[loss.originSessionId]?.[0];
  const accepted = trace?.accepted ?? [];
  const didLiveOn = (life: number | undefined): boolean => {
    const known = life === undefined ? undefined : lives[life];
    return known !== undefined && livedOn(known, loss);
  };
  if (didLiveOn(own) || accepted.some(didLiveOn)) return 'never-relayed';
  // Without the row of its acceptance the last turn of a node that died may hide that the broker had it.
  return accepted.length > 0 ? 'origin-died' : undefined;
}

/** Whether the journal of that life is complete to a moment at which the node should have been done with the message. */
function livedOn({ completeToMicros, isClosed }: NodeLife, { toMicros, endMicros }: Loss): boolean {
  return isClosed || completeToMicros >= Math.min(toMicros + patienceMicros, endMicros);
}
