/** [RFC 6455, 5.5] A close frame has room for so many bytes after its code. */
const maxBytes = 123;

/** As much of a reason as a close frame can say; whole characters of it. */
export function closeReason(reason: string): string {
  let text = '';
  let bytes = 0;
  for (const character of reason) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    text += character;
  }
  return text;
}
