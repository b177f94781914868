import type { Readable } from 'node:stream';

/** Longer lines are cut here: a process that never ends its line must not fill our memory. */
const maxLineLength = 8192;

/** Calls `onLine` for every line of a stream of UTF-8, the last unfinished one included. */
export function splitLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(clean(line));
    if (rest.length > maxLineLength) {
      onLine(clean(rest));
      rest = '';
    }
  });
  stream.on('end', () => {
    if (rest !== '') onLine(clean(rest));
  });
  // A pipe that fails has nothing more to say; the exit of the process tells the rest.
  stream.on('error', () => stream.destroy());
}

function clean(line: string): string {
  return (line.endsWith('\r') ? line.slice(0, -1) : line).slice(0, maxLineLength);
}
