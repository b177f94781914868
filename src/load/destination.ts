/** Values for the placeholders of a destination. */
export interface DestinationWords {
  /** Counted from 1. */
  readonly room: number;
  /** Name of the client, unique in the run. */
  readonly client: string;
  /** Name of the node that the client is meant for: client i of a run belongs to node i mod n. */
  readonly node: string;
}

/** The names that may stand in braces. */
export const placeholders: readonly (keyof DestinationWords)[] = ['room', 'client', 'node'];

/** Fills in the placeholders: `{room}` becomes `room-7`, `{client}` and `{node}` the names. */
export function expandDestination(template: string, words: DestinationWords): string {
  return template
    .replaceAll('{room}', `room-${words.room}`)
    .replaceAll('{client}', words.client)
    .replaceAll('{node}', words.node);
}
