import { CookieJar } from '../../../src/client/cookie-jar.js';
import { RawClient } from '../raw-client.js';

/** A user at a node: sends forms, keeps cookies, opens WebSockets. */
export class Browser {
  readonly cookies = new CookieJar();
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  /** The same user at another node, as a balancer would send him. */
  at(port: number): Browser {
    const moved = new Browser(port);
    moved.cookies.store(this.cookies.header()?.split('; '));
    return moved;
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const cookie = this.cookies.header();
    const response = await fetch(`http://127.0.0.1:${this.#port}${path}`, {
      redirect: 'manual',
      ...init,
      headers: { ...(cookie === undefined ? {} : { Cookie: cookie }), ...init.headers },
    });
    this.cookies.store(response.headers.getSetCookie());
    return response;
  }

  /** Sends a form, as a page would. */
  form(
    path: string,
    fields: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    return this.fetch(path, { method: 'POST', body: new URLSearchParams(fields), headers });
  }

  async logIn(user: string): Promise<void> {
    const { status } = await this.form('/login', { user });
    if (status !== 303) throw new Error(`the login was answered with ${status}`);
  }

  /** The user of `GET /session`, or its status when there is none. */
  async whoAmI(): Promise<unknown> {
    const response = await this.fetch('/session');
    return response.status === 200 ? ((await response.json()) as { user: string }).user : response.status;
  }

  /** Rejects with the status when the handshake is refused. */
  openWebSocket(): Promise<RawClient> {
    const cookie = this.cookies.header();
    const headers = cookie === undefined ? {} : { Cookie: cookie };
    return RawClient.overWebSocket(`ws://127.0.0.1:${this.#port}/ws`, { headers });
  }
}
