import { destinationFault } from '../stomp/destination.js';

/** Either the destination that the broker knows, or what is wrong, as the end of a sentence like `destinationFault`. */
export type UserDestination = { readonly destination: string } | { readonly fault: string };

const prefix = '/user/';
/** What `encodeURIComponent` leaves or makes, and what e-mail addresses have besides; never a slash. */
const nameText = /^(?:[A-Za-z0-9._~!*'()@+-]|%[0-9A-Fa-f]{2})+$/;
const plainOctet = /[A-Za-z0-9.-]/;

export function isUserDestination(destination: string): boolean {
  return destination.startsWith(prefix) || destination === '/user';
}

/**
 * Where a SEND to `/user/{name}/queue/x` goes. A name with other characters than letters, digits, `.`, `_`
 * and `-` is written as `encodeURIComponent` writes it; `@` and `+` may stay.
 */
export function userDestinationToSend(text: string): UserDestination {
  const [name = '', ...rest] = text.slice(prefix.length).split('/');
  if (!isPrivatePath(rest)) return { fault: 'is not of the form /user/{name}/queue/...' };
  const user = nameText.test(name) ? decoded(name) : undefined;
  if (user === undefined) return { fault: 'contains a user name that is not percent-encoded' };
  return placed(user, rest);
}

/** Where a SUBSCRIBE of that user to `/user/queue/x` listens: always at that user's own, whatever the text is. */
export function userDestinationToSubscribe(text: string, user: string): UserDestination {
  const rest = text.slice(prefix.length).split('/');
  if (isPrivatePath(rest)) return placed(user, rest);
  if (isPrivatePath(rest.slice(1))) return { fault: 'belongs to one user, who subscribes to it without a name' };
  return { fault: 'is not of the form /user/queue/...' };
}

/** What the subscriber is shown instead of the broker's destination: its own words, as Spring does. */
export function shownUserDestination(destination: string): string {
  const end = destination.indexOf('/', prefix.length);
  return `/user${destination.slice(end)}`;
}

/** What follows a user: `queue/…` or `topic/…`, as in Spring. */
function isPrivatePath(rest: readonly string[]): boolean {
  return rest.length > 1 && (rest[0] === 'queue' || rest[0] === 'topic');
}

function decoded(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

/**
 * The same topic on every node and broker, so that nobody needs to know where a user's sessions are: there
 * is no registry that could be stale.
 */
function placed(user: string, rest: readonly string[]): UserDestination {
  const destination = `${prefix}${userSegment(user)}/${rest.join('/')}`;
  const fault = destinationFault(destination);
  return fault === undefined ? { destination } : { fault };
}

/** A name as one segment of a destination, different for different names: other octets become `_` and two digits. */
function userSegment(name: string): string {
  let segment = '';
  for (const octet of Buffer.from(name)) {
    const character = String.fromCharCode(octet);
    segment += plainOctet.test(character) ? character : `_${octet.toString(16).padStart(2, '0')}`;
  }
  return segment;
}
