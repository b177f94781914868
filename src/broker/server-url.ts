import { AppError } from '../core/errors.js';
import { redactUrl } from '../core/redact.js';

/** The address of a broker's server as a user gave it. Holds a password: never to be printed. */
export interface ServerUrl {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Without its first slash, decoded. */
  readonly path: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** Fit for output. */
  readonly shown: string;
}

interface Scheme {
  readonly plainPort: number;
  /** With the colon. */
  readonly tlsProtocol: string;
  readonly tlsPort: number;
  /** The parameters that are understood, each with its values. */
  readonly parameters: Readonly<Record<string, readonly string[]>>;
}

/**
 * Takes a URL apart.
 * @throws AppError `usage` for one that makes no sense or has a parameter that is not understood
 */
export function parseServerUrl(url: URL, scheme: Scheme): ServerUrl {
  const shown = redactUrl(url.href);
  const isTls = url.protocol === scheme.tlsProtocol;
  const parameters = new Map(url.searchParams);
  for (const [name, value] of parameters) {
    const values = Object.hasOwn(scheme.parameters, name) ? scheme.parameters[name] : undefined;
    if (values === undefined) {
      throw new AppError('usage', `"${shown}" has a parameter that is not understood: ${name}.`, {
        hint: `Understood are: ${Object.keys(scheme.parameters).join(', ') || 'none'}.`,
      });
    }
    if (!values.includes(value)) {
      throw new AppError('usage', `"${shown}": ${name} must be ${values.join(' or ')}.`);
    }
  }
  // Brackets belong to the notation of an IPv6 address, not to the address.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (host === '') throw new AppError('usage', `"${shown}" names no host.`);
  return {
    host,
    port: url.port === '' ? (isTls ? scheme.tlsPort : scheme.plainPort) : Number(url.port),
    isTls,
    username: url.username === '' ? undefined : decoded(url.username, shown),
    password: url.password === '' ? undefined : decoded(url.password, shown),
    path: decoded(url.pathname.replace(/^\//, ''), shown),
    parameters,
    shown,
  };
}

function decoded(text: string, shown: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new AppError('usage', `"${shown}" contains a % that is not followed by two hexadecimal digits.`, {
      hint: 'Write %25 for a percent sign in a name or password.',
      cause: error,
    });
  }
}
