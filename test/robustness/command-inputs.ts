/** Words on the command line, with the file that they name, and what must come of them. */
export interface BadCommand {
  readonly name: string;
  readonly words: readonly string[];
  /** The text of `bad.yaml`. */
  readonly file?: string | Buffer;
  readonly expected: { readonly code: 2 | 4; readonly says: readonly string[] };
}

const scenario =
  'version: 1\nname: mine\nclients:\n  - { name: a, count: 3, subscribe: /topic/a, send: { to: /topic/a, every: 1s } }\nduration: 1s\n';
const run = ['run', 'bad.yaml'];

const levels = Array.from({ length: 9 }, (_, level) => {
  const below = level === 0 ? '"lol"' : `*a${level - 1}`;
  return `a${level}: &a${level} [${Array.from({ length: 9 }, () => below).join(',')}]\n`;
});

const files: readonly BadCommand[] = [
  {
    name: 'aliases that multiply to billions',
    words: run,
    file: levels.join(''),
    expected: { code: 2, says: ['bad.yaml: the file cannot be read', 'alias'] },
  },
  {
    name: 'five thousand opened lists',
    words: run,
    file: '['.repeat(5_000),
    expected: { code: 2, says: ['the scenario bad.yaml has a mistake', 'bad.yaml:1:', 'this is nested too deeply'] },
  },
  {
    name: 'sixty thousand keys',
    words: run,
    file: Array.from({ length: 60_000 }, (_, i) => `k${i}: 1\n`).join(''),
    expected: { code: 2, says: ['bad.yaml: the file is larger than 65536 bytes'] },
  },
  {
    name: 'five thousand keys',
    words: run,
    file: Array.from({ length: 5_000 }, (_, i) => `k${i}: 1\n`).join(''),
    expected: { code: 2, says: ['bad.yaml:1000:7: the file has more than 2000 values'] },
  },
  {
    name: 'a list that contains itself',
    words: run,
    file: `${scenario}steps: &a [*a]\n`,
    expected: { code: 2, says: ['bad.yaml:6:'] },
  },
  {
    name: 'a function for a JavaScript parser',
    words: run,
    file: `${scenario}seed: !!js/function "function () { process.exit(0) }"\n`,
    expected: { code: 2, says: ['bad.yaml:6:7: Unresolved tag'] },
  },
  {
    name: 'a key named like the prototype of objects',
    words: run,
    file: `${scenario}__proto__: { name: other }\n`,
    expected: { code: 2, says: ['bad.yaml:6:1: unknown key "__proto__"'] },
  },
  {
    name: 'a key twice',
    words: run,
    file: `${scenario}name: other\n`,
    expected: { code: 2, says: ['bad.yaml:6:1: this key stands here twice'] },
  },
  {
    name: 'two documents in one file',
    words: run,
    file: `${scenario}---\n${scenario}`,
    expected: { code: 2, says: ['bad.yaml:6:1: Source contains multiple documents'] },
  },
  {
    name: 'a program in place of a scenario',
    words: run,
    file: Buffer.from('\x7fELF\x02\x01\x01\0\0\0', 'latin1'),
    expected: { code: 2, says: ['bad.yaml:1:1: expected a map'] },
  },
  {
    name: 'UTF-16',
    words: run,
    file: Buffer.from(`\ufeff${scenario}`, 'utf16le'),
    expected: { code: 2, says: ['bad.yaml is not a text in UTF-8', 'Save it in UTF-8'] },
  },
  {
    name: 'Latin-1',
    words: run,
    file: Buffer.from(scenario.replace('mine', 'café'), 'latin1'),
    expected: { code: 2, says: ['bad.yaml is not a text in UTF-8'] },
  },
  {
    name: 'a number that is none',
    words: run,
    file: scenario.replace('count: 3', 'count: .nan'),
    expected: { code: 2, says: ['bad.yaml:4:23: expected a number, got NaN'] },
  },
  {
    name: 'a duration of millennia',
    words: run,
    file: scenario.replace('duration: 1s', 'duration: 99999999999h'),
    expected: { code: 2, says: ['bad.yaml:5:11:', 'at most 168h'] },
  },
];

const words: readonly BadCommand[] = [
  {
    name: 'a file without end',
    words: ['run', '/dev/zero'],
    expected: { code: 2, says: ['/dev/zero: the file is larger than 65536 bytes'] },
  },
  {
    name: '--set of the prototype of objects',
    words: ['run', 'smoke', '--set', '__proto__.name=other'],
    expected: { code: 2, says: ['--set __proto__.name=other: unknown key "__proto__"'] },
  },
  {
    name: 'results where no folder can be',
    words: ['run', 'smoke', '--out', '/proc/cluster-chat/out'],
    expected: { code: 4, says: ['The results cannot be written to /proc/cluster-chat/out', '--out'] },
  },
  {
    name: 'a limit that is a method of objects',
    words: ['node', '--limit', 'toString=1'],
    expected: { code: 2, says: ['There is no limit called toString.', 'maxBodyBytes'] },
  },
  {
    name: 'a limit beyond what the broker bears',
    words: ['node', '--limit', 'maxBodyBytes=999MB'],
    expected: { code: 2, says: ['The limit maxBodyBytes of 1047527424 is too great.', 'Choose at most 16777216.'] },
  },
  {
    name: 'a project that is a path',
    words: ['ps', '-p', '../../..'],
    expected: { code: 2, says: ["argument '../../..' is invalid", '1 to 64 of a-z'] },
  },
];

/** 20 bad scenarios and command lines. */
export const commandInputs: readonly BadCommand[] = [...files, ...words];
