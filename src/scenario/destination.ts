import { suggestion } from '../core/nearest.js';
import { type DestinationWords, expandDestination, placeholders } from '../load/destination.js';
import { quote } from './quote.js';

/** The longest names that placeholders can become. */
const longest: DestinationWords = { room: 100_000, client: `${'x'.repeat(64)}-100000`, node: 'node-32' };

/**
 * What is wrong with a destination; undefined when nothing is. Our own nodes accept `/` and segments
 * of letters, digits, `.`, `_` and `-`, at most 16, in 255 bytes; a server of the user's own decides
 * for itself. Wildcards are refused everywhere, because what they match cannot be counted.
 */
export function destinationProblem(template: string, isOwnNode: boolean): string | undefined {
  for (const [, word = ''] of template.matchAll(/\{([^{}]*)\}/g)) {
    const isKnown = placeholders.some((name) => name === word);
    if (!isKnown) return `unknown placeholder ${quote(`{${word}}`)}; ${suggestion(word, placeholders)}`;
  }
  const destination = expandDestination(template, longest);
  if (/[*#>]/.test(destination)) return `${quote(template)} has a wildcard; deliveries to it cannot be counted`;
  if (!isOwnNode) return undefined;
  if (!/^(\/[A-Za-z0-9._-]+){1,16}$/.test(destination)) {
    return `${quote(template)} is not a destination; write it like /topic/{room}.messages, with A-Z a-z 0-9 . _ -`;
  }
  return destination.length > 255 ? `${quote(template)} becomes longer than 255 bytes` : undefined;
}
