/** More than any server of ours sets; a server that sets more is not remembered for ever. */
const maxCookies = 50;
/** A name and value that can go back as they came [RFC 6265, 4.1.1]. */
const pairText = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256})=([\x21-\x3a\x3c-\x7e]{0,4096})$/;

/**
 * The cookies of one user at one front door. Domains, paths and dates are not looked at: there is one
 * host, and a run is shorter than any of its cookies.
 */
export class CookieJar {
  readonly #values = new Map<string, string>();

  /** Takes `Set-Cookie` headers; what cannot be read is left out. */
  store(setCookies: readonly string[] | undefined): void {
    for (const line of setCookies ?? []) {
      const [pair = '', ...attributes] = line.split(';');
      const [, name, value] = pairText.exec(pair.trim()) ?? [];
      if (name === undefined || value === undefined) continue;
      const isEnded = attributes.some((attribute) => /^\s*max-age\s*=\s*(0|-\d+)\s*$/i.test(attribute));
      if (isEnded) this.#values.delete(name);
      else if (this.#values.size < maxCookies || this.#values.has(name)) this.#values.set(name, value);
    }
  }

  /** The `Cookie` header; undefined when there is nothing to send. */
  header(): string | undefined {
    if (this.#values.size === 0) return undefined;
    return [...this.#values].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  delete(name: string): void {
    this.#values.delete(name);
  }
}
