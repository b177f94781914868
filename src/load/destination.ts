import { privateDestination } from '../client/private-destination.js';

/** Values for the placeholders of a destination, or of a user's name. */
export interface DestinationWords {
  /** Counted from 1. */
  readonly room: number;
  /** Name of the client, unique in the run. */
  readonly client: string;
  /** Name of the node that the client is meant for: client i of a run belongs to node i mod n. */
  readonly node: string;
  /** Name of the next client of the same group in the same room, in a ring; the client itself where it is alone. */
  readonly peer: string;
}

/** The names that may stand in braces. */
export const placeholders: readonly (keyof DestinationWords)[] = ['room', 'client', 'node', 'peer'];

/** Fills in the placeholders: `{room}` becomes `room-7`, `{client}`, `{node}` and `{peer}` the names. */
export function fillPlaceholders(template: string, words: DestinationWords): string {
  return template
    .replaceAll('{room}', `room-${words.room}`)
    .replaceAll('{client}', words.client)
    .replaceAll('{node}', words.node)
    .replaceAll('{peer}', words.peer);
}

/** Where a client listens: at its user's own destinations under the name to which others send. */
export function heardDestination(template: string, words: DestinationWords, user: string | undefined): string {
  const destination = fillPlaceholders(template, words);
  return user === undefined ? destination : privateDestination(destination, user);
}
