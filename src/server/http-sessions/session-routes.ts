import type { IncomingHttpHeaders } from 'node:http';
import { isSameSecret } from '../../core/secret.js';
import { type HttpAnswer, type HttpForm, type HttpRoute, jsonAnswer, textAnswer } from '../http.js';
import { isOriginAllowed } from '../origin.js';
import { readCredentials } from './credentials.js';
import type { HttpSessions } from './http-sessions.js';
import { endedCookie, sessionCookie } from './session-cookie.js';
import { StoreAway } from './session-store.js';

export interface SessionRoutesOptions {
  readonly allowedOrigins: readonly string[];
  /** What a login must give as its password; undefined lets everybody be who they say. */
  readonly password: string | undefined;
  readonly maxBodyBytes: number;
}

const isForm = (headers: IncomingHttpHeaders): boolean =>
  headers['content-type']?.toLowerCase().startsWith('application/x-www-form-urlencoded') === true;

/** Tells a browser that sent a form where to go on, and a program that it is done. */
function doneAnswer(headers: IncomingHttpHeaders, cookie: string): HttpAnswer {
  const more = { 'Set-Cookie': cookie };
  if (isForm(headers)) return { ...textAnswer('', 303), headers: { ...more, Location: '/' } };
  return { ...textAnswer('', 204), headers: more };
}

function retryLater(text: string): HttpAnswer {
  return { ...textAnswer(`${text}\n`, 503), headers: { 'Retry-After': '1' } };
}

/** Nobody is logged in, out or known while the store is away: all of that can only be answered later. */
async function whileStoreAnswers(work: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StoreAway) return retryLater(error.message);
    throw error;
  }
}

/** `GET /session`: who am I. */
export function sessionRoute(sessions: HttpSessions): HttpRoute {
  return (headers) =>
    whileStoreAnswers(async () => {
      const found = await sessions.find(headers.cookie);
      const schema = 'cluster-chat/session@1';
      return found === undefined ? jsonAnswer({ schema, user: null }, 401) : jsonAnswer({ schema, user: found.user });
    });
}

/** `POST /login` and `POST /logout`. SameSite keeps the cookie from other sites, the Origin check keeps their forms out. */
export function sessionForms(sessions: HttpSessions, options: SessionRoutesOptions): ReadonlyMap<string, HttpForm> {
  const { allowedOrigins, maxBodyBytes } = options;
  const guarded = (answer: HttpForm['answer']): HttpForm => ({
    maxBodyBytes,
    answer: async (headers, body) => {
      if (isOriginAllowed(headers.origin, allowedOrigins)) return whileStoreAnswers(async () => answer(headers, body));
      return textAnswer('This Origin is not allowed; see --allow-origin.\n', 403);
    },
  });
  return new Map([
    ['/login', guarded((headers, body) => login(sessions, options, headers, body))],
    [
      '/logout',
      guarded(async (headers) => {
        await sessions.logout(headers.cookie);
        return doneAnswer(headers, endedCookie);
      }),
    ],
  ]);
}

async function login(
  sessions: HttpSessions,
  { password }: SessionRoutesOptions,
  headers: IncomingHttpHeaders,
  body: Buffer,
): Promise<HttpAnswer> {
  const given = readCredentials(headers['content-type'], body);
  if (typeof given === 'string') return textAnswer(`${given}\n`, 400);
  if (password !== undefined && !isSameSecret(given.password, password)) {
    sessions.noteRefusedLogin();
    return textAnswer('Login refused.\n', 401);
  }
  const id = await sessions.login(given.user, headers.cookie);
  return id === undefined ? retryLater('There are too many sessions.') : doneAnswer(headers, sessionCookie(id));
}
