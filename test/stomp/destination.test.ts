import { describe, expect, it } from 'vitest';
import { destinationFault } from '../../src/stomp/destination.js';

describe('a destination', () => {
  it.each(['/a', '/topic/room.42', '/queue/A-b_c.9/x', `/${'a'.repeat(254)}`, '/a'.repeat(16)])(
    'limits 19: may be %s',
    (destination) => {
      expect(destinationFault(destination)).toBeUndefined();
    },
  );

  it.each([
    ['', 'does not begin with a slash'],
    ['a', 'does not begin with a slash'],
    ['/', 'has an empty segment'],
    ['/a/', 'has an empty segment'],
    ['//a', 'has an empty segment'],
    [`/${'a'.repeat(255)}`, 'is longer than 255 bytes'],
    ['/a'.repeat(17), 'has more than 16 segments'],
    ...['/a b', '/a\n', '/a:b', '/*', '/a/>', '/#', '/ü', '/a\0', '/a%2f', '/a\\b', '/a,b'].map((destination) => [
      destination,
      'contains characters other than letters, digits, ".", "_", "-"',
    ]),
  ])('limits 19: %j %s', (destination, fault) => {
    expect(destinationFault(destination as string)).toBe(fault);
  });
});
