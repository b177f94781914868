import { createHash, timingSafeEqual } from 'node:crypto';

/** Compares in a time that does not depend on how much of the secret was guessed right. */
export function isSameSecret(given: string | undefined, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return given !== undefined && timingSafeEqual(digest(given), digest(secret));
}
