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

/** What went wrong, without the full stop; errors of several addresses at once have a code but no message. */
export function reasonOf(error: unknown): string {
  const message = messageOf(error).replace(/[.\s]+$/, '');
  return message === '' ? (systemCodeOf(error) ?? 'the connection failed') : message;
}

/** What can be done about a certificate or a handshake that failed, which is the same for every server. */
export function tlsHint(reason: string): string | undefined {
  if (/certificate|self-signed|altnames/i.test(reason)) {
    return 'Name the authority that signed its certificate in NODE_EXTRA_CA_CERTS; verification cannot be turned off.';
  }
  return undefined;
}

export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
