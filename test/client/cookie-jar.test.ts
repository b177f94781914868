import { expect, test } from 'vitest';
import { CookieJar } from '../../src/client/cookie-jar.js';

function jarOf(...setCookies: string[]): CookieJar {
  const jar = new CookieJar();
  jar.store(setCookies);
  return jar;
}

test('cookies go back as they came, each name once', () => {
  const jar = jarOf('SESSION=abc; Path=/; HttpOnly', 'cluster-chat-node=node-2; Path=/', 'SESSION=def');
  expect(jar.header()).toBe('SESSION=def; cluster-chat-node=node-2');
  expect(jar.has('SESSION')).toBe(true);
});

test('a cookie that the server ends is forgotten', () => {
  const jar = jarOf('a=1', 'b=2', 'a=; Path=/; Max-Age=0');
  expect(jar.header()).toBe('b=2');
  jar.delete('b');
  expect(jar.header()).toBeUndefined();
});

test.each(['', '=x', 'no sign', 'a b=c', 'a=\u0001', 'a="x y"', 'a=ü', `a=${'x'.repeat(4_097)}`])(
  'what is no cookie is left out: %j',
  (line) => {
    expect(jarOf(line).header()).toBeUndefined();
  },
);

test('a server that sets cookies without end fills no memory', () => {
  const jar = jarOf(...Array.from({ length: 1_000 }, (_, index) => `c${index}=1`), 'c3=2');
  expect(jar.header()?.split('; ')).toHaveLength(50);
  expect(jar.header()).toContain('c3=2');
});
