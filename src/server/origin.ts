/** Origins that browsers may connect from: any port of this machine. */
export const defaultOrigins: readonly string[] = ['http://localhost:*', 'http://127.0.0.1:*'];

/**
 * Whether a browser page of that origin may connect. Not a browser, no Origin, no question. Compared as
 * URLs, part by part: a prefix or substring match would let `http://localhost.evil.example` in.
 */
export function isOriginAllowed(origin: string | undefined, allowed: readonly string[]): boolean {
  if (origin === undefined) return true;
  let url: URL;
  try {
    url = new URL(origin);
  } catch {
    return false;
  }
  return allowed.some((pattern) => {
    const match = /^(https?:)\/\/([^/:]+|\[[^\]]+\])(?::(\d+|\*))?$/.exec(pattern);
    if (match === null || match[1] !== url.protocol || match[2] !== url.hostname) return false;
    return match[3] === '*' || (match[3] ?? '') === url.port;
  });
}
