const maxDestinationBytes = 255;
const maxSegments = 16;
const segment = /^[A-Za-z0-9._-]+$/;

/**
 * What is wrong with a destination, as the end of a sentence that begins with "the destination", or undefined
 * if nothing is. Valid are `/topic/room.1` and the like: a leading slash, segments of letters, digits,
 * `.`, `_` and `-`. There are no wildcards.
 */
export function destinationFault(destination: string): string | undefined {
  // Whatever passes the test of the segments is ASCII, so that characters and octets are the same number.
  if (destination.length > maxDestinationBytes) return `is longer than ${maxDestinationBytes} bytes`;
  if (!destination.startsWith('/')) return 'does not begin with a slash';
  const segments = destination.slice(1).split('/');
  if (segments.length > maxSegments) return `has more than ${maxSegments} segments`;
  if (segments.includes('')) return 'has an empty segment';
  if (!segments.every((text) => segment.test(text)))
    return 'contains characters other than letters, digits, ".", "_", "-"';
  return undefined;
}
