import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSession } from '../../src/client/web-session.js';
import { HttpSessionTally, isHttpSessionFact } from '../../src/record/http-sessions.js';
import { createRecorder } from '../../src/record/recorder.js';
import type { RelayNode } from '../../src/server/node.js';
import { openTestNode } from '../server/test-node.js';

const recorder = createRecorder();
let node: RelayNode;
beforeEach(async () => {
  node = await openTestNode();
});
afterEach(async () => {
  recorder.take();
  await node[Symbol.asyncDispose]();
});

function logIn(session: WebSession, url = node.url): Promise<Error | undefined> {
  return new Promise((resolve) => session.logIn(url, 10_000, resolve));
}

function counts() {
  const tally = new HttpSessionTally();
  for (const fact of recorder.take().sessions) if (isHttpSessionFact(fact)) tally.add(fact);
  return tally.counts();
}

const none = { logins: 0, failedLogins: 0, lostAtConnect: 0, lostAtReconnect: 0, relogins: 0 };

test('a client that is recognised at every connection has lost nothing', async () => {
  const session = new WebSession(0, 'ada', recorder);
  expect(session.needsLogin).toBe(true);
  expect(await logIn(session)).toBeUndefined();
  expect(session.needsLogin).toBe(false);
  expect(session.cookies.header()).toMatch(/^SESSION=/);
  for (let i = 0; i < 3; i++) expect(session.recognise('ada')).toBe('known');
  expect(counts()).toEqual({ ...none, logins: 1 });
});

test('a session that was there and is gone is lost at the reconnect, and the client logs in again', async () => {
  const session = new WebSession(0, 'ada', recorder);
  await logIn(session);
  session.recognise('ada');
  expect(session.recognise('5f0e')).toBe('lost');
  expect([session.needsLogin, session.cookies.header()]).toEqual([true, undefined]);
  await logIn(session);
  expect(session.recognise('ada')).toBe('known');
  expect(counts()).toEqual({ ...none, logins: 1, lostAtReconnect: 1, relogins: 1 });
});

test('in a cluster that never knows its users the client gives up after two logins', async () => {
  const session = new WebSession(0, 'ada', recorder);
  await logIn(session);
  expect(session.recognise(undefined)).toBe('lost');
  await logIn(session);
  expect(session.recognise(undefined)).toBe('forgotten');
  expect(counts()).toEqual({ ...none, logins: 1, lostAtConnect: 2, relogins: 1 });
});

test('a login that fails is counted and leaves no session', async () => {
  const session = new WebSession(0, 'ada', recorder);
  const { url } = node;
  await node[Symbol.asyncDispose]();
  expect(await logIn(session, url)).toBeInstanceOf(Error);
  expect(session.needsLogin).toBe(true);
  expect(counts()).toEqual({ ...none, failedLogins: 1 });
});
