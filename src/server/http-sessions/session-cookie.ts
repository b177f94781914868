/** The name that Spring Session uses. */
const cookieName = 'SESSION';
const attributes = 'Path=/; HttpOnly; SameSite=Lax';
/** 128 bits in hexadecimal, as we give them. */
const idText = /^[0-9a-f]{32}$/;

/**
 * The session id in a `Cookie` header [RFC 6265, 4.2]; undefined when there is none of our form. Two
 * different ones mean that somebody else has set one of them, and then neither is believed.
 */
export function sessionIdIn(header: string | undefined): string | undefined {
  const ids = new Set<string>();
  for (const pair of (header ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at >= 0 && pair.slice(0, at).trim() === cookieName) ids.add(pair.slice(at + 1).trim());
  }
  const [id] = ids;
  return ids.size === 1 && id !== undefined && idText.test(id) ? id : undefined;
}

/** `Set-Cookie` for a new session. Without a date it ends with the browser; when it ends here is the store's affair. */
export function sessionCookie(id: string): string {
  return `${cookieName}=${id}; ${attributes}`;
}

/** `Set-Cookie` that makes a browser forget its session. */
export const endedCookie = `${cookieName}=; ${attributes}; Max-Age=0`;
