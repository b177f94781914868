/**
 * The same text in memory of its own. A slice of a longer text points into all of it and keeps it alive, which
 * matters where a short one is kept for long. For well-formed text only, such as came as UTF-8.
 */
export function ownText(text: string): string {
  return Buffer.from(text).toString();
}
