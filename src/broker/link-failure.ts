import { messageOf, systemCodeOf } from '../core/errors.js';

/**
 * Why a server cannot be used, as the end of a sentence. Never carries the library's own error along,
 * which may hold the command, and with it the password, that failed.
 */
export class LinkFailure extends Error {
  /** What the user can do about it, where it is not simply to start the server. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'LinkFailure';
    this.hint = hint;
  }
}

/** A known kind of failure. */
export interface Trouble {
  /** How the reason looks that the library gives. */
  readonly pattern: RegExp;
  /** A better one, where the library's says nothing to a user. */
  readonly reason?: string;
  readonly hint: string;
}

const tlsTroubles: readonly Trouble[] = [
  {
    pattern: /certificate|self-signed|altnames/i,
    hint: 'Name the authority that signed its certificate in NODE_EXTRA_CA_CERTS; verification cannot be turned off.',
  },
];

/** What went wrong, without the full stop; errors of several addresses at once have a code but no message. */
export function reasonOf(error: unknown): string {
  const message = messageOf(error).replace(/[.\s]+$/, '');
  return message === '' ? (systemCodeOf(error) ?? 'the connection failed') : message;
}

/** A failure to open a link in words for a user, with its cure where the first of the troubles that fits has one. */
export function linkFailure(error: unknown, troubles: readonly Trouble[]): LinkFailure {
  const reason = reasonOf(error);
  const trouble = [...tlsTroubles, ...troubles].find(({ pattern }) => pattern.test(reason));
  return new LinkFailure(trouble?.reason ?? reason, trouble?.hint);
}

export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
