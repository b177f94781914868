/** What a login form carries. */
export interface Credentials {
  readonly user: string;
  readonly password: string | undefined;
}

const maxUserBytes = 128;
/** Nothing that could not be shown, or that a header of CONNECTED, which is not escaped, could not carry [E06]. */
const userText = /^[^\p{C}\p{Zl}\p{Zp}]+$/u;

/** Whether a name may be a user's: 1 to 128 octets that can be shown and sent as they are. */
export function isUserName(text: string): boolean {
  return userText.test(text) && text.trim() === text && Buffer.byteLength(text) <= maxUserBytes;
}

/**
 * Reads the body of a login, a form or JSON with `user` and, optionally, `password`.
 * @returns what is wrong, as a whole sentence, when it cannot be read
 */
export function readCredentials(contentType: string | undefined, body: Buffer): Credentials | string {
  const fields = readFields(contentType, body);
  if (typeof fields === 'string') return fields;
  const { user, password } = fields;
  if (typeof user !== 'string' || !isUserName(user)) {
    return `Give a user of 1 to ${maxUserBytes} octets, without control characters.`;
  }
  if (password !== undefined && typeof password !== 'string') return 'The password is not a text.';
  return { user, password };
}

function readFields(contentType: string | undefined, body: Buffer): { user?: unknown; password?: unknown } | string {
  const type = contentType?.split(';')[0]?.trim().toLowerCase();
  const text = body.toString('utf8');
  if (type === 'application/x-www-form-urlencoded') {
    const form = new URLSearchParams(text);
    const [user, password] = [form.get('user'), form.get('password')];
    return { ...(user === null ? {} : { user }), ...(password === null ? {} : { password }) };
  }
  if (type !== 'application/json') return 'Send a form or JSON.';
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : 'The JSON is not an object.';
  } catch {
    return 'The JSON cannot be read.';
  }
}
