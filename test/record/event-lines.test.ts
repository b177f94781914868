import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readWholeLines } from '../../src/record/event-lines.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'event-lines-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function linesOf(text: string): Promise<string[]> {
  const path = join(folder, 'events.ndjson');
  await writeFile(path, text);
  const lines: string[] = [];
  for await (const line of readWholeLines(path)) lines.push(line);
  return lines;
}

it('a line that was not written to its end is left out', async () => {
  expect(await linesOf('{"a":1}\n{"b":2}\n{"c"')).toEqual(['{"a":1}', '{"b":2}']);
  expect(await linesOf('{"c"')).toEqual([]);
  expect(await linesOf('')).toEqual([]);
});

it('a line may be longer than what is read at once, and hold what other readers take for a line end', async () => {
  const long = JSON.stringify({ text: `\u2028\u2029\u0085é${'x'.repeat(3_000_000)}` });
  expect(await linesOf(`${long}\n{}\n${long}\n`)).toEqual([long, '{}', long]);
});

it('a file that is not there rejects', async () => {
  const reading = readWholeLines(join(folder, 'nowhere')).next();
  await expect(reading).rejects.toMatchObject({ code: 'ENOENT' });
});
