import { unreachable } from '../core/errors.js';

/** The names of the policies, as `--policy` takes them. */
export const policyNames = ['round-robin', 'least-connections', 'ip-hash', 'sticky'] as const;

export type PolicyName = (typeof policyNames)[number];

/** What a policy may know of a backend. */
export interface Candidate {
  readonly name: string;
  readonly connections: number;
}

/** What a policy may know of a client. */
export interface ChoiceRequest {
  readonly remoteAddress: string;
  /** The backend that the client's cookie names; only the sticky policy reads it. */
  readonly stickyName?: string | undefined;
}

/** Chooses a backend for a new connection. */
export interface Policy {
  /** @param backends at least one; the caller has already taken out those that must not be chosen. */
  choose<T extends Candidate>(backends: readonly [T, ...T[]], request: ChoiceRequest): T;
}

/** A fresh policy; what it remembers belongs to one balancer. */
export function createPolicy(name: PolicyName): Policy {
  switch (name) {
    case 'round-robin':
      return roundRobin();
    case 'least-connections':
      return leastConnections();
    case 'ip-hash':
      return { choose: (backends, request) => highestBy(backends, (b) => weightOf(request.remoteAddress, b.name)) };
    case 'sticky':
      return sticky();
    default:
      return unreachable(name);
  }
}

/**
 * The one that was chosen longest ago. Unlike a counter modulo the number of backends this stays
 * even when some of them are missing from time to time, and one that returns gets no burst.
 */
function roundRobin(): Policy {
  const chosenAt = new Map<string, number>();
  let turn = 0;
  return {
    choose: (backends) => {
      const chosen = highestBy(backends, (b) => -(chosenAt.get(b.name) ?? 0));
      turn += 1;
      chosenAt.set(chosen.name, turn);
      return chosen;
    },
  };
}

/** The one with the fewest connections; equal ones take turns, so that a quiet cluster fills evenly. */
function leastConnections(): Policy {
  const turns = roundRobin();
  return {
    choose: (backends, request) => {
      const fewest = backends.reduce((least, b) => Math.min(least, b.connections), Number.POSITIVE_INFINITY);
      const [first, ...others] = backends.filter((b) => b.connections === fewest);
      return first === undefined ? backends[0] : turns.choose([first, ...others], request);
    },
  };
}

/** The one that the client's cookie names, as long as it can be chosen; otherwise round-robin. */
function sticky(): Policy {
  const turns = roundRobin();
  return {
    choose: (backends, request) =>
      backends.find((b) => b.name === request.stickyName) ?? turns.choose(backends, request),
  };
}

/**
 * Rendezvous hashing (Thaler and Ravishankar, 1998): every backend draws a weight for the address
 * and the highest wins, so the death of one moves only the clients that were on it.
 */
function weightOf(remoteAddress: string, name: string): number {
  const text = `${remoteAddress.replace(/^::ffff:/i, '')}\n${name}`;
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  // FNV-1a leaves the high bits of similar texts alike; this finaliser (MurmurHash3) spreads them.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The first of those with the highest score. */
function highestBy<T>(items: readonly [T, ...T[]], score: (item: T) => number): T {
  let best = items[0];
  let bestScore = score(best);
  for (const item of items) {
    const itemScore = score(item);
    if (itemScore <= bestScore) continue;
    best = item;
    bestScore = itemScore;
  }
  return best;
}
