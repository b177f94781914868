import { AppError } from '../core/errors.js';
import type { Plan, PlannedClient } from '../record/history.js';
import { type DestinationWords, fillPlaceholders, heardDestination } from './destination.js';
import type { ClientGroup, LoadSpec } from './load-spec.js';

/** What one client is beyond what the ledger must know. */
export interface ClientSettings {
  /** Its index in the plan. */
  readonly index: number;
  readonly name: string;
  /** As whom it connects; undefined for nobody in particular. Several clients may be one user. */
  readonly user: string | undefined;
  readonly group: ClientGroup;
}

export interface PlannedRun {
  readonly plan: Plan;
  /** One per client, in the order of the plan. */
  readonly settings: readonly ClientSettings[];
}

/** Rooms are filled one after the other, so that the neighbours who share one come to different nodes and workers. */
function roomOf(place: number, group: ClientGroup): number {
  return Math.floor((place * Math.min(group.rooms, group.count)) / group.count) + 1;
}

/** The place of the next one in the same room; after the last comes the first. */
function peerOf(place: number, group: ClientGroup): number {
  const room = roomOf(place, group);
  const next = place + 1;
  if (next < group.count && roomOf(next, group) === room) return next;
  return Math.ceil(((room - 1) * group.count) / Math.min(group.rooms, group.count));
}

function wordsOf(spec: LoadSpec, group: ClientGroup, place: number, index: number): DestinationWords {
  return {
    room: roomOf(place, group),
    client: nameOf(group, place),
    node: spec.nodes[index % Math.max(1, spec.nodes.length)]?.name ?? '',
    peer: nameOf(group, peerOf(place, group)),
  };
}

function nameOf(group: ClientGroup, place: number): string {
  return `${group.name}-${place + 1}`;
}

/** Who logs in over HTTP has a name in any case. */
function userOf(group: ClientGroup, words: DestinationWords): string | undefined {
  if (group.user !== undefined) return fillPlaceholders(group.user, words);
  return group.session ? words.client : undefined;
}

/** The stamp has 24 bits for each of client and destination index. */
const maxIndex = 0xffffff;

/** Destinations by index, in the order in which they are first named. */
class DestinationTable {
  readonly names: string[] = [];
  readonly #indexes = new Map<string, number>();

  indexOf(name: string): number {
    const known = this.#indexes.get(name);
    if (known !== undefined) return known;
    const index = this.names.push(name) - 1;
    this.#indexes.set(name, index);
    return index;
  }
}

/**
 * Who exists, who listens to what and who sends where. The same spec always gives the same plan, so
 * that runner and workers each make their own instead of sending it around.
 * @throws AppError 'scenario-invalid' when a stamp cannot number so many clients
 */
export function planRun(spec: LoadSpec): PlannedRun {
  const destinations = new DestinationTable();
  const clients: PlannedClient[] = [];
  const settings: ClientSettings[] = [];
  for (const group of spec.groups) {
    for (let i = 0; i < group.count; i++) {
      const words = wordsOf(spec, group, i, settings.length);
      const user = userOf(group, words);
      const heard = group.subscribe.map((template) => destinations.indexOf(heardDestination(template, words, user)));
      const to = group.send === undefined ? [] : [destinations.indexOf(fillPlaceholders(group.send.to, words))];
      clients.push({ subscribes: [...new Set(heard)], publishes: to, recovers: group.recover });
      settings.push({ index: settings.length, name: words.client, user, group });
    }
  }
  if (clients.length > maxIndex || destinations.names.length > maxIndex) {
    throw new AppError('scenario-invalid', `A run has at most ${maxIndex} clients and destinations.`);
  }
  return {
    plan: { runId: spec.runId, nodes: spec.nodes.map((node) => node.name), destinations: destinations.names, clients },
    settings,
  };
}

/** The worker that a client lives in. By index modulo, so that every room is spread over the workers. */
export function workerOf(client: number, workers: number): number {
  return client % workers;
}
