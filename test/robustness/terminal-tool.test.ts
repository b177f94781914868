import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { placeOf } from '../../src/cluster/project.js';
import { expectNoTrace, Place, set } from '../end-to-end/place.js';
import { obeyedByTerminals } from '../report/hostile.js';
import { attributeValues, readXml } from '../report/well-formed-xml.js';
import { requireService } from '../services/require-service.js';
import { RunningNode } from './running-node.js';
import { type HostileText, hostileTexts } from './terminal-inputs.js';

/** What one run of the real tool left behind, whose scenario is named by hostile texts. */
interface Artefacts {
  /** Everything that was written to a real terminal: the frames of the dashboard and the summary after them. */
  readonly typed: string;
  readonly plain: string;
  readonly junit: string;
  readonly json: string;
}

const script = requireService('script', 'bsdutils');
const speakable = hostileTexts.filter(({ isUnspeakable }) => isUnspeakable !== true);
/** The first line of a summary has room for so many characters of a name. */
const maxShown = 94;

/** What several texts one after the other are shown as. */
function shownTogether(group: readonly HostileText[]): string {
  return group.map(({ expected }, i) => (i === 0 ? (expected.shownFirst ?? expected.shown) : expected.shown)).join(' ');
}

/** All texts, as many in a group as one name can show. */
const groups = hostileTexts.reduce<HostileText[][]>((done, row) => {
  const last = done.at(-1);
  if (last === undefined || shownTogether([...last, row]).length > maxShown) done.push([row]);
  else last.push(row);
  return done;
}, []);

let node: RunningNode;
let place: Place;
beforeAll(async () => {
  node = await RunningNode.start();
  place = new Place();
});
afterAll(async () => {
  place.remove();
  await node[Symbol.asyncDispose]();
});

/** Neither the text itself nor anything else that is obeyed; the text as it must be shown. */
function expectShown(artefact: string, { text, expected }: HostileText, where: 'first' | 'within'): void {
  expect(obeyedByTerminals(artefact)).toEqual([]);
  if (text !== expected.shown) expect(artefact).not.toContain(text);
  expect(artefact).toContain(where === 'first' ? (expected.shownFirst ?? expected.shown) : expected.shown);
}

/** Runs a scenario of that name against the node on a terminal of 400 columns, on which nobody types. */
async function runNamed(name: string, folder: string): Promise<Artefacts> {
  const scenario = {
    version: 1,
    name,
    target: { urls: [node.url] },
    clients: [{ name: 'a', count: 2, subscribe: '/topic/a', send: { to: '/topic/a', every: '50ms' } }],
    duration: '100ms',
  };
  // JSON is YAML.
  writeFileSync(join(place.cwd, `${folder}.yaml`), JSON.stringify(scenario));
  const reporters = [`plain=${folder}.txt`, `junit=${folder}.xml`].flatMap((reporter) => ['--reporter', reporter]);
  const started = place.start(['run', `${folder}.yaml`, '--out', folder, ...reporters], {
    bash: `printf -v line '%q ' "$@"; exec ${script} -qfec "stty cols 400 rows 40; exec $line" /dev/null`,
    env: { CI: '', TERM: 'xterm-256color', LC_ALL: 'C.UTF-8' },
  });
  const { code, stdout } = await started.ended;
  expect([code, stdout]).toEqual([0, expect.stringContaining('PASSED')]);
  const read = (file: string): string => readFileSync(join(place.cwd, file), 'utf8');
  return {
    typed: stdout,
    plain: read(`${folder}.txt`),
    junit: read(`${folder}.xml`),
    json: read(`${folder}/result.json`),
  };
}

describe.runIf(script !== undefined)('a scenario of a hostile name', () => {
  test.each(groups.map((group, index) => ({ group, index, names: group.map(({ name }) => name).join('; ') })))(
    'is shown by its visible form in the dashboard and in every report: $names',
    async ({ group, index }) => {
      const name = group.map(({ text }) => text).join(' ');
      const shown = shownTogether(group);
      const { typed, plain, junit, json } = await runNamed(name, `named-${index}`);
      expect(typed).toContain(shown);
      expect(plain.split('\n')[1]?.trimStart().startsWith(shown)).toBe(true);
      expect(attributeValues(readXml(junit))).toContain(shown);
      for (const text of [plain, junit, json]) expect(obeyedByTerminals(text)).toEqual([]);
      for (const row of group) if (row.text !== row.expected.shown) expect(typed).not.toContain(row.text);
      expect(JSON.parse(json).name).toBe(name);
      await node.expectServing();
    },
  );
});

describe('an error that quotes hostile text shows it by its visible form', () => {
  test.each(speakable)('on the command line: $name', async (row) => {
    const end = await place.run('run', row.text);
    expectNoTrace(end);
    expect(end.code).toBe(2);
    expectShown(end.stderr, row, 'first');
    await node.expectServing();
  });

  test('as keys of a scenario', async () => {
    writeFileSync(
      join(place.cwd, 'keys.yaml'),
      hostileTexts.map(({ text }) => `${JSON.stringify(text)}: 1\n`).join(''),
    );
    const { code, stdout } = await place.run('validate', 'keys.yaml');
    expect([code, obeyedByTerminals(stdout)]).toEqual([2, []]);
    expect(stdout.match(/^keys.yaml:\d+:1: unknown key/gm)).toHaveLength(hostileTexts.length);
    for (const { text, expected } of hostileTexts) if (text !== expected.shown) expect(stdout).not.toContain(text);
  });
});

describe('what a process prints is shown by its visible form', () => {
  /** Bytes as a process writes them: half a character becomes the replacement character. */
  const printed = hostileTexts.map((row) => ({
    ...row,
    expected: { ...row.expected, shown: row.expected.shown.replace('\\u{d800}', '\ufffd') },
  }));
  /** A process ends a line at a line feed. */
  const lines = printed.filter(({ text }) => !text.includes('\n'));

  test('by logs', async () => {
    const { logFolder } = placeOf(place.cwd, 'default');
    mkdirSync(logFolder, { recursive: true });
    const stamp = '2026-01-01T00:00:00.000Z';
    writeFileSync(join(logFolder, 'node-1.log'), printed.map(({ text }) => `${stamp} ${text}\n`).join(''));
    const { stdout } = await place.run('logs');
    for (const row of lines) expectShown(stdout, row, 'first');
  });

  test('by the crash report of a run, on stdout and stderr', async () => {
    const texts = printed.map(({ text }) => `${text}\n`).join('');
    writeFileSync(join(place.cwd, 'last-words.txt'), texts);
    const program = 'cluster.program=[bash, "-c", "cat last-words.txt; exit 7"]';
    const end = await place.run('run', 'smoke', '--allow-exec', '--out', 'crashed', ...set(program));
    expect(end.code).toBe(4);
    for (const row of lines) {
      expectShown(end.stdout, row, 'within');
      expectShown(end.stderr, row, 'within');
    }
    await place.expectNothingLeft();
  });
});
