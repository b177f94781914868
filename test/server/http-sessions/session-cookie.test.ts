import { expect, test } from 'vitest';
import { endedCookie, sessionCookie, sessionIdIn } from '../../../src/server/http-sessions/session-cookie.js';

const id = '0123456789abcdef0123456789abcdef';
const other = id.replace('0', 'f');

test.each([
  ['no header', undefined, undefined],
  ['an empty header', '', undefined],
  ['the cookie alone', `SESSION=${id}`, id],
  ['others around it', `a=b; SESSION=${id}; cluster-chat-node=node-1`, id],
  ['no space between', `a=b;SESSION=${id};c=d`, id],
  ['the same one twice', `SESSION=${id}; SESSION=${id}`, id],
  ['two different ones', `SESSION=${id}; SESSION=${other}`, undefined],
  ['a good one and a bad one', `SESSION=${id}; SESSION=x`, undefined],
  ['another name', `XSESSION=${id}`, undefined],
  ['a name in lower case', `session=${id}`, undefined],
  ['a short id', `SESSION=${id.slice(1)}`, undefined],
  ['a long id', `SESSION=${id}0`, undefined],
  ['upper case', `SESSION=${id.toUpperCase()}`, undefined],
  ['quotes', `SESSION="${id}"`, undefined],
  ['a pattern of Redis', 'SESSION=*', undefined],
  ['no value', 'SESSION=', undefined],
  ['no equals sign', 'SESSION', undefined],
])('the session in a Cookie header with %s', (_title, header, expected) => {
  expect(sessionIdIn(header)).toBe(expected);
});

test('no script reads the cookie and no other site sends it', () => {
  expect(sessionCookie(id)).toBe(`SESSION=${id}; Path=/; HttpOnly; SameSite=Lax`);
  expect(endedCookie).toBe('SESSION=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0');
});
