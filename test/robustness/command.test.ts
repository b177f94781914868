import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { expectNoTrace, Place } from '../end-to-end/place.js';
import { commandInputs } from './command-inputs.js';
import { RunningNode } from './running-node.js';

let node: RunningNode;
let place: Place;
beforeAll(async () => {
  node = await RunningNode.start();
});
afterAll(() => node[Symbol.asyncDispose]());
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

test('there are 20 bad scenarios and command lines, each with its own name', () => {
  expect(new Set(commandInputs.map(({ name }) => name)).size).toBe(20);
});

describe('a bad scenario or command line ends with its code and its cure, and starts nothing', () => {
  test.each(commandInputs)('$name', async ({ words, file, expected }) => {
    if (file !== undefined) writeFileSync(join(place.cwd, 'bad.yaml'), file);
    const end = await place.run(...words);
    expectNoTrace(end);
    for (const text of expected.says) expect(end.stderr).toContain(text);
    expect(end.stderr.match(/^error: /gm)).toHaveLength(1);
    expect(end.stdout).toBe('');
    expect(end.code).toBe(expected.code);
    await place.expectNothingLeft();
    await node.expectServing();
  });
});
