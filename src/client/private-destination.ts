const prefix = '/user/';

/**
 * The one name under which a run counts what a user hears at `/user/queue/x`: `/user/{name}/queue/x`, which is
 * where others send to. Any other destination is its own name.
 */
export function privateDestination(destination: string, user: string): string {
  return destination.startsWith(prefix) ? `${prefix}${user}/${destination.slice(prefix.length)}` : destination;
}

/** What that user says in SUBSCRIBE: the server knows who it is, and accepts no name. */
export function subscribedAs(destination: string, user: string | undefined): string {
  const own = `${prefix}${user}/`;
  return user !== undefined && destination.startsWith(own) ? prefix + destination.slice(own.length) : destination;
}
