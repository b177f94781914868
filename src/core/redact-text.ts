import { redactUrl } from './redact.js';

/** A text fit for output: every URL in it without user information and without secret query values. */
export function redactText(text: string): string {
  return text.replace(/[a-z][a-z0-9+.-]{0,19}:\/\/[^\s"'<>]+/gi, redactUrl);
}
