import { createReadStream } from 'node:fs';

/** A line of 64 MB holds more than a second of any machine's deliveries; a longer one is no line of ours. */
const maxLineCharacters = 64 * 1_048_576;

/**
 * The whole lines of a file, oldest first and without their ends. What follows the last line end was never written
 * to its end and is left out. Rejects with the system's error when the file cannot be read.
 */
export async function* readWholeLines(path: string): AsyncGenerator<string, void, undefined> {
  let rest: string[] = [];
  let restCharacters = 0;
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1_048_576 })) {
    const text = String(chunk);
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      yield rest.join('') + text.slice(start, end);
      [rest, restCharacters] = [[], 0];
      start = end + 1;
    }
    rest.push(text.slice(start));
    restCharacters += text.length - start;
    if (restCharacters > maxLineCharacters) return;
  }
}
