import { suggestion } from '../core/nearest.js';
import { type DestinationWords, fillPlaceholders, heardDestination, placeholders } from '../load/destination.js';
import { quote } from './quote.js';

const longestClient = `${'x'.repeat(64)}-100000`;
/** The longest names that placeholders can become. */
const longest: DestinationWords = { room: 100_000, client: longestClient, node: 'node-32', peer: longestClient };

/** Where a destination stands, which decides what it may say. */
export interface DestinationPlace {
  readonly verb: 'subscribe' | 'send';
  /** Whether the clients connect to nodes of ours; a server of the user's own decides for itself. */
  readonly isOwnNode: boolean;
  /** As whom the clients connect, with placeholders; undefined for nobody in particular. */
  readonly user: string | undefined;
}

/**
 * What is wrong with a destination; undefined when nothing is. Our own nodes accept `/` and segments
 * of letters, digits, `.`, `_` and `-`, at most 16, in 255 bytes; a user's name may have `@` and `+` too.
 * Wildcards are refused everywhere, because what they match cannot be counted.
 */
export function destinationProblem(template: string, place: DestinationPlace): string | undefined {
  const known = place.verb === 'send' ? placeholders : placeholdersOfOne;
  const unknown = placeholderProblem(template, known);
  if (unknown !== undefined) return unknown;
  const destination = fillPlaceholders(template, longest);
  if (/[*#>]/.test(destination)) return `${quote(template)} has a wildcard; deliveries to it cannot be counted`;
  if (!place.isOwnNode) return undefined;
  const misplaced = destination.startsWith('/user/') ? userFormProblem(template, destination, place) : undefined;
  if (misplaced !== undefined) return misplaced;
  const onBroker = destinationOnBroker(template, place);
  if (!/^(\/[A-Za-z0-9._-]+){1,16}$/.test(onBroker)) {
    return `${quote(template)} is not a destination; write it like /topic/{room}.messages, with A-Z a-z 0-9 . _ -`;
  }
  return onBroker.length > 255 ? `${quote(template)} becomes longer than 255 bytes` : undefined;
}

/** What is wrong with a user's name, which becomes a part of destinations; undefined when nothing is. */
export function userProblem(template: string): string | undefined {
  const unknown = placeholderProblem(template, placeholdersOfOne);
  if (unknown !== undefined) return unknown;
  if (/^[A-Za-z0-9._@+-]{1,128}$/.test(fillPlaceholders(template, longest))) return undefined;
  return `${quote(template)} is no name of a user; write it like "{client}", with A-Z a-z 0-9 . _ @ + -, at most 128`;
}

/** Those that have a value without somebody to talk to. */
const placeholdersOfOne = placeholders.filter((name) => name !== 'peer');

function placeholderProblem(template: string, known: readonly string[]): string | undefined {
  for (const [, word = ''] of template.matchAll(/\{([^{}]*)\}/g)) {
    if (!known.includes(word)) return `unknown placeholder ${quote(`{${word}}`)}; ${suggestion(word, known)}`;
  }
  return undefined;
}

/** A user's own destination has no name in SUBSCRIBE, because nobody listens to another's, and has one in SEND. */
function userFormProblem(template: string, destination: string, place: DestinationPlace): string | undefined {
  if (place.verb === 'send') {
    if (/^\/user\/[^/]+\/(queue|topic)\/./.test(destination)) return undefined;
    return `${quote(template)} says no user to send to; write it like /user/{peer}/queue/private`;
  }
  if (!/^\/user\/(queue|topic)\/./.test(destination)) {
    return `${quote(template)} is not what users subscribe to as their own; write it like /user/queue/private`;
  }
  return place.user === undefined
    ? `${quote(template)} needs to know whose it is; give these clients a user: "{client}"`
    : undefined;
}

/** The destination that our node makes of it. */
function destinationOnBroker(template: string, { verb, user }: DestinationPlace): string {
  if (verb === 'send') return fillPlaceholders(template, longest).replace(/^\/user\/[^/]+/, nameOnBroker);
  const name = user === undefined ? undefined : nameOnBroker(fillPlaceholders(user, longest));
  return heardDestination(template, longest, name);
}

/** Three letters stand there for each of these. */
function nameOnBroker(name: string): string {
  return name.replaceAll(/[_@+]/g, '___');
}
