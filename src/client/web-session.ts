import { nowMicros } from '../core/clock.js';
import type { Recorder } from '../record/recorder.js';
import { CookieJar } from './cookie-jar.js';
import { logIn } from './http-login.js';

/** The cookie that holds the session; the name that Spring Session uses. */
const sessionCookie = 'SESSION';

/** What a client makes of the user that the server took it for. */
export type Recognition =
  /** The session lives. */
  | 'known'
  /** It does not, though it did or should: the user must log in again. */
  | 'lost'
  /** A session just made anew is not known either: this cluster forgets its users, and there is no use in repeating it. */
  | 'forgotten';

/** One user's HTTP session: logs in before the first connection, and notices when it was logged out. */
export class WebSession {
  readonly cookies = new CookieJar();
  readonly #user: string;
  readonly #client: number;
  readonly #recorder: Recorder;
  /** `new` until a connection was recognised by it. */
  #state: 'none' | 'new' | 'proved' = 'none';
  #logins = 0;
  #isRenewed = false;
  #cancel: (() => void) | undefined;

  constructor(client: number, user: string, recorder: Recorder) {
    this.#client = client;
    this.#user = user;
    this.#recorder = recorder;
  }

  get needsLogin(): boolean {
    return this.#state === 'none';
  }

  /** @param done called once unless `cancel` is, with an error when the login failed */
  logIn(url: string, timeoutMs: number, done: (error: Error | undefined) => void): void {
    const { cookies } = this;
    this.#cancel = logIn({ url, user: this.#user, cookies, timeoutMs }, (error) => {
      this.#cancel = undefined;
      const hasCookie = error === undefined && cookies.has(sessionCookie);
      const failure = hasCookie ? undefined : (error ?? new Error('The login set no session cookie.'));
      this.#record(failure);
      done(failure);
    });
  }

  cancel(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** A connection stands. @param user of CONNECTED's `user-name`; undefined when the handshake was refused for want of a session */
  recognise(user: string | undefined): Recognition {
    if (user === this.#user) {
      this.#state = 'proved';
      this.#isRenewed = false;
      return 'known';
    }
    if (this.#state === 'none') return 'forgotten';
    const atReconnect = this.#state === 'proved';
    this.#recorder.session({ type: 'http-session-lost', client: this.#client, atReconnect, atMicros: nowMicros() });
    this.#state = 'none';
    this.cookies.delete(sessionCookie);
    if (!this.#isRenewed) {
      this.#isRenewed = true;
      return 'lost';
    }
    this.#isRenewed = false;
    return 'forgotten';
  }

  #record(failure: Error | undefined): void {
    const fact = { client: this.#client, atMicros: nowMicros() };
    if (failure !== undefined) return this.#recorder.session({ type: 'http-login-failed', ...fact });
    this.#state = 'new';
    this.#recorder.session({ type: 'http-logged-in', again: this.#logins++ > 0, ...fact });
  }
}
