import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { expectNoTrace, Place, set } from './place.js';

let place: Place;
let server: Server;
/** A port on which this process listens. */
let taken: number;

beforeAll(async () => {
  server = createServer().listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const address = server.address();
  taken = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(() => server.close());
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

interface Mistake {
  readonly what: string;
  readonly words: () => string[];
  readonly files?: Readonly<Record<string, string>>;
  /** Prepares the shell in which the command runs. */
  readonly bash?: string;
  readonly code: number;
  /** What stderr says: what is wrong, and the cure. */
  readonly says: readonly (string | RegExp | (() => string))[];
}

const scenario = (more: string): string =>
  `version: 1\nname: mine\nclients:\n  - { name: a, count: 3, subscribe: /topic/a, send: { to: /topic/a, every: 1s } }\nduration: 1s\n${more}`;

/** `run smoke` with changes, and with a short patience for its processes. */
const smoke = (...overrides: readonly string[]): string[] => ['run', 'smoke', ...set(...overrides)];

const mistakes: readonly Mistake[] = [
  {
    what: 'an unknown command',
    words: () => ['rnu'],
    code: 2,
    says: ["error: unknown command 'rnu'", 'Did you mean run?'],
  },
  {
    what: 'an unknown option',
    words: () => ['run', 'smoke', '--sed', '5'],
    code: 2,
    says: ["error: unknown option '--sed'", 'Did you mean one of --seed, --set?'],
  },
  {
    what: 'an unknown scenario',
    words: () => ['run', 'smok'],
    code: 2,
    says: [/^error: .*smok/, /did you mean "?smoke/i],
  },
  {
    what: 'YAML that is none',
    words: () => ['run', 'mine.yaml'],
    files: { 'mine.yaml': 'version: 1\nname: [\n' },
    code: 2,
    says: [/^error: the scenario mine.yaml has a mistake/, 'mine.yaml:', '^', 'Nothing was started.'],
  },
  {
    what: 'a threshold on a metric that does not exist',
    words: () => ['run', 'mine.yaml'],
    files: { 'mine.yaml': scenario('thresholds:\n  delivery.missin: ["count == 0"]\n') },
    code: 2,
    says: ['mine.yaml:7:3', 'there is no metric "delivery.missin"', 'did you mean "delivery.missing"?'],
  },
  {
    what: 'a --set that is no assignment',
    words: () => smoke('nonsense'),
    code: 2,
    says: ['--set nonsense', 'write path=value, such as clients[0].count=50'],
  },
  {
    what: 'a --set of a key that does not exist',
    words: () => smoke('clients[0].cuont=5'),
    code: 2,
    says: ['--set clients[0].cuont=5', 'count'],
  },
  {
    what: 'an unknown reporter',
    words: () => ['run', 'smoke', '--reporter', 'junti'],
    code: 2,
    says: [/^error: .*junti/, 'junit'],
  },
  {
    what: 'a broker of no kind that we know',
    words: () => smoke('cluster.broker=embeded'),
    code: 2,
    says: [/^error: /, 'embeded', 'embedded'],
  },
  {
    what: 'a program without --allow-exec',
    words: () => smoke('cluster.program=[sleep, "60"]'),
    code: 2,
    says: ['cluster.program', '--allow-exec'],
  },
  {
    what: 'a scenario of more than 64 KiB',
    words: () => ['run', 'mine.yaml'],
    files: { 'mine.yaml': scenario(`# ${'x'.repeat(70_000)}\n`) },
    code: 2,
    says: [/^error: .*mine.yaml/, 'larger than 65536 bytes'],
  },
  {
    what: 'a port that another program has, named to up',
    words: () => ['up', '--port', String(taken)],
    code: 4,
    says: [
      () => `error: port ${taken} is taken by the process with pid ${process.pid}`,
      'choose another port with --port',
    ],
  },
  {
    what: 'a port that another program has, named in a scenario',
    words: () => smoke(`cluster.port=${taken}`),
    code: 4,
    says: [() => `error: port ${taken} is taken by the process with pid ${process.pid}`],
  },
  {
    what: 'a broker that nobody answers for, in a scenario',
    words: () => smoke('cluster.broker=stomp://guest:s3cret@127.0.0.1:1'),
    code: 4,
    says: [
      'nothing answers at the broker stomp://***@127.0.0.1:1 (tried 127.0.0.1 port 1: ECONNREFUSED)',
      ', or correct its URL; the broker "embedded" needs no server',
    ],
  },
  {
    what: 'a broker that nobody answers for, named to up',
    words: () => ['up', '--port', '0', '--broker', 'redis://127.0.0.1:1'],
    code: 4,
    says: ['nothing answers at the broker redis://127.0.0.1:1'],
  },
  {
    what: 'a history without its unit',
    words: () => ['broker', '--history', '30'],
    code: 2,
    says: ["'--history <duration>'", 'Give a number with its unit: 500ms, 30s, 5m.'],
  },
  {
    what: 'a history too short for anybody to come back in',
    words: () => ['up', '--history', '10ms'],
    code: 2,
    says: ["'--history <duration>'", 'Give a duration from 1s to 168h.'],
  },
  {
    what: 'a history for a broker that is not ours, named to up',
    words: () => ['up', '--port', '0', '--broker', 'redis://:s3cret@127.0.0.1:1', '--history', '30s'],
    code: 2,
    says: ['redis://***@127.0.0.1:1 cannot be told how long to keep messages', 'Leave history out'],
  },
  {
    what: 'a history for a broker that is not ours, in a scenario',
    words: () => ['run', 'soak', ...set('cluster.broker=simple')],
    code: 2,
    says: ['only the embedded broker', '--set cluster.history=null'],
  },
  {
    what: 'a node that never becomes ready',
    words: () => [...smoke('cluster.program=[sleep, "60"]'), '--allow-exec'],
    code: 4,
    says: [/^error: node-\d was not ready after 15.0s/, 'It must print {"ready":true'],
  },
  {
    what: 'a node that dies at its start',
    words: () => [
      ...smoke('cluster.program=[bash, "-c", "for i in {1..40}; do echo last words $i; done; exit 7"]'),
      '--allow-exec',
    ],
    code: 4,
    says: [/^error: node-\d ended while starting: exit code 7/, /^ {2}\| last words 9$/m, /^ {2}\| last words 40$/m],
  },
  {
    what: 'a program that does not exist',
    words: () => [...smoke('cluster.program=[no-such-program]'), '--allow-exec'],
    code: 4,
    says: [/^error: node-\d ended while starting: exit code 127/, /no-such-program: not found/],
  },
  {
    what: 'a limit of file descriptors that is too low',
    words: () => smoke('clients[0].count=300'),
    bash: 'ulimit -Sn 200; ulimit -Hn 200; exec "$@"',
    code: 4,
    says: [/needs \d+ file descriptors, the limit is 200/, /ulimit -Hn \d+; ulimit -n \d+/],
  },
  {
    what: 'a folder for results that cannot be made',
    words: () => ['run', 'smoke', '--out', 'a-file/out'],
    files: { 'a-file': '' },
    code: 4,
    says: [/^error: The results cannot be written to \S+a-file\/out: /, '--out'],
  },
  {
    what: 'a folder that holds another run',
    words: () => ['run', 'smoke', '--out', '.'],
    files: { 'events.ndjson': '' },
    code: 4,
    says: [/^error: The results cannot be written/, '--out'],
  },
];

describe('a mistake ends with its code, one message with its cure, and nothing left running', () => {
  test.each(mistakes)('$what: exit $code', async ({ words, files = {}, bash, code, says }) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(place.cwd, name), text);
    const end = await place.start(words(), bash === undefined ? {} : { bash }).ended;
    expectNoTrace(end);
    for (const text of says) expect(end.stderr).toMatch(typeof text === 'function' ? text() : text);
    expect(end.stderr.match(/^error: /gm)).toHaveLength(1);
    expect(end.stderr).not.toContain('s3cret');
    expect(end.code).toBe(code);
    await place.expectNothingLeft();
  });
});

test('a node that dies at its start shows its last 32 lines, no more', async () => {
  const program = 'cluster.program=[bash, "-c", "for i in {1..40}; do echo line $i; done; exit 7"]';
  const { stdout, stderr } = await place.run('run', 'smoke', '--allow-exec', ...set(program));
  expect(stderr.match(/^ {2}\| line \d+$/gm)).toEqual(Array.from({ length: 32 }, (_, i) => `  | line ${i + 9}`));
  // Those of the first that died are among the events too, a line each.
  expect(stdout).toMatch(/error: node-\d CRASHED \(exit code 7\)\n {12}\| line 9\n/);
});
