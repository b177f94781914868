import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { CookieJar } from './cookie-jar.js';

/** Where a WebSocket's server takes logins. */
function loginUrl(webSocketUrl: string): URL {
  return new URL('/login', webSocketUrl.replace(/^ws/, 'http'));
}

/**
 * Logs a user in at the door through which its WebSocket will come, and keeps the cookies. Over a connection
 * of its own, as the balancer sees it: kept alive, all logins would reach the same node.
 * @returns how to give up. `done` is called once unless that happens first, with an error when the login failed.
 */
export function logIn(
  login: { readonly url: string; readonly user: string; readonly cookies: CookieJar; readonly timeoutMs: number },
  done: (error: Error | undefined) => void,
): () => void {
  const url = loginUrl(login.url);
  const body = JSON.stringify({ user: login.user });
  const cookie = login.cookies.header();
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    ...(cookie === undefined ? {} : { Cookie: cookie }),
  };
  let isOver = false;
  const finish = (error: Error | undefined): void => {
    if (isOver) return;
    isOver = true;
    done(error);
  };
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const request = send(url, { method: 'POST', headers, agent: false, timeout: login.timeoutMs }, (response) => {
    response.resume();
    const { statusCode = 0 } = response;
    if (statusCode < 200 || statusCode > 399) return finish(new Error(`The login was answered with ${statusCode}.`));
    login.cookies.store(response.headers['set-cookie']);
    finish(undefined);
  });
  request.on('timeout', () => request.destroy(new Error('The login was not answered in time.')));
  request.on('error', finish);
  request.end(body);
  return () => {
    isOver = true;
    request.destroy();
  };
}
