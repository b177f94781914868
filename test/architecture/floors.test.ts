import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/core/package-root.js';

/** The table of the house, written down a second time: the rules must say the same. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  stomp: ['core'],
  record: ['core'],
  proxy: ['core'],
  broker: ['core', 'stomp'],
  report: ['core', 'record'],
  server: ['core', 'stomp', 'record', 'broker'],
  client: ['core', 'stomp', 'record'],
  cluster: ['core', 'record', 'proxy'],
  load: ['core', 'record', 'broker', 'client'],
  doctor: ['core', 'stomp', 'record', 'client'],
  faults: ['core', 'proxy', 'cluster'],
  scenario: ['core', 'record', 'cluster', 'faults', 'load'],
  commands: [
    ...['core', 'stomp', 'record', 'proxy', 'broker', 'report', 'server', 'client', 'cluster', 'load'],
    ...['doctor', 'faults', 'scenario'],
  ],
};
const folders = Object.keys(mayImport);

/** Where the house has its few doors: a module, and the one place among these that may open it. */
const places = [
  'core',
  'stomp',
  'broker',
  'report',
  'report/tui',
  'server',
  'client',
  'cluster',
  'scenario',
  'commands',
];
const doors: Readonly<Record<string, readonly string[]>> = {
  'node:child_process': ['cluster'],
  ink: ['report/tui'],
  react: ['report/tui'],
  commander: ['commands'],
  ws: ['server', 'client'],
  '@stomp/stompjs': ['client'],
  ioredis: ['broker'],
  amqplib: ['broker'],
  yaml: ['scenario'],
  zod: ['scenario'],
};

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

/** Writes a little house with everything in it that is forbidden, and asks the rules about it. */
async function cruise(files: Readonly<Record<string, string>>): Promise<readonly Violation[]> {
  const folder = await mkdtemp(join(tmpdir(), 'floors-'));
  try {
    await symlink(join(packageRoot(), 'node_modules'), join(folder, 'node_modules'));
    const house = { 'tsconfig.json': '{"compilerOptions":{"module":"nodenext"}}', ...files };
    for (const [path, text] of Object.entries(house)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    const program = join(packageRoot(), 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const config = join(packageRoot(), '.dependency-cruiser.cjs');
    const { stdout, stderr } = spawnSync(process.execPath, [program, '--config', config, '-T', 'json', 'src'], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 64 * 1_048_576,
    });
    if (!stdout.startsWith('{')) throw new Error(stderr);
    return JSON.parse(stdout).summary.violations;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function house(): Record<string, string> {
  const files: Record<string, string> = {
    'src/cli.ts': 'export const cli = 1;',
    'src/commands/to-entry.ts': "import { cli } from '../cli.js';\nexport const here = cli;",
    'src/lounge/thing.ts': "import type { Thing } from '../core/thing.js';\nexport type Here = Thing;",
    'test/thing.ts': 'export const thing = 1;',
    'src/core/to-test.ts': "import { thing } from '../../test/thing.js';\nexport const here = thing;",
    'src/core/to-nowhere.ts': "import { thing } from './nowhere.js';\nexport const here = thing;",
    'src/core/left.ts': "import type { Right } from './right.js';\nexport type Left = Right;",
    'src/core/right.ts': "import type { Left } from './left.js';\nexport type Right = Left;",
    'src/server/session.ts': "import { down } from './handlers/down.js';\nexport const session = down;",
    'src/server/handlers/down.ts': "import { session } from '../session.js';\nexport const down = session;",
  };
  for (const folder of folders) {
    files[`src/${folder}/thing.ts`] = 'export interface Thing { readonly name: string }';
    // Type imports leave no trace in the program; the rules must see them all the same.
    for (const other of folders) {
      if (other === folder) continue;
      files[`src/${folder}/to-${other}.ts`] =
        `import type { Thing } from '../${other}/thing.js';\nexport type Here = Thing;`;
    }
  }
  for (const place of places) {
    for (const door of Object.keys(doors)) files[doorFile(place, door)] = `import '${door}';\nexport const here = 1;`;
  }
  return files;
}

function doorFile(place: string, door: string): string {
  return `src/${place}/door-${door.replace(/\W/g, '-')}.ts`;
}

describe('the rules of the house', () => {
  let violations: readonly Violation[];
  beforeAll(async () => {
    violations = await cruise(house());
  });

  function rulesBrokenBy(file: string): readonly string[] {
    return violations.filter(({ from }) => from === file).map(({ rule }) => rule.name);
  }

  it.each(folders)('let %s import what lies below it in the table, and nothing else', (folder) => {
    const forbidden = folders.filter((other) => rulesBrokenBy(`src/${folder}/to-${other}.ts`).length > 0);
    const allowed = mayImport[folder] ?? [];
    expect(forbidden).toEqual(folders.filter((other) => other !== folder && !allowed.includes(other)));
  });

  it.each(Object.keys(doors))('let only the folders that the table names import %s', (door) => {
    const open = places.filter(
      (place) => !rulesBrokenBy(doorFile(place, door)).some((rule) => rule.startsWith('door-')),
    );
    expect(open).toEqual(doors[door]);
  });

  it('keep the commands from importing the entry that starts them', () => {
    expect(rulesBrokenBy('src/commands/to-entry.ts')).toContain('floor-7-commands');
  });

  it('ask every new folder for its floor', () => {
    expect(rulesBrokenBy('src/lounge/thing.ts')).toContain('every-folder-has-a-floor');
  });

  it('see a circle that exists between types only', () => {
    expect([...rulesBrokenBy('src/core/left.ts'), ...rulesBrokenBy('src/core/right.ts')]).toContain('no-circles');
  });

  it('see a circle at run time even between a session and its handlers, which may name each other', () => {
    const broken = [...rulesBrokenBy('src/server/session.ts'), ...rulesBrokenBy('src/server/handlers/down.ts')];
    expect(broken).toContain('no-circles-at-run-time');
  });

  it('keep the product from importing its tests, or nothing at all', () => {
    expect(rulesBrokenBy('src/core/to-test.ts')).toContain('no-way-out');
    expect(rulesBrokenBy('src/core/to-nowhere.ts')).toContain('no-dead-imports');
  });
});

describe('the names of the house', () => {
  const nameless = /^(utils?|helpers?|common|shared|misc|.*manager|.*-utils?)$/;
  let names: readonly string[];
  beforeAll(async () => {
    const parts = ['src', 'test', 'scripts', 'bench', 'bin'].map(async (folder) =>
      readdir(join(packageRoot(), folder), { recursive: true }).catch(() => []),
    );
    names = (await Promise.all(parts)).flat().map((path) => basename(path).replace(/\..*$/, ''));
  });

  it('say what a file or folder is for: none is called util, helpers, common, shared, misc or manager', () => {
    expect(names.length).toBeGreaterThan(300);
    expect(names.filter((name) => nameless.test(name.toLowerCase()))).toEqual([]);
  });

  it.each(['util', 'utils', 'helper', 'common', 'shared', 'misc', 'node-manager'])('would not pass as %s', (name) => {
    expect(name).toMatch(nameless);
  });
});

describe('the house itself', () => {
  it('keeps the rules', () => {
    const program = join(packageRoot(), 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const { status, stdout } = spawnSync(process.execPath, [program, '--config', '.dependency-cruiser.cjs', 'src'], {
      cwd: packageRoot(),
      encoding: 'utf8',
    });
    expect(stdout).toContain('no dependency violations found');
    expect(status).toBe(0);
  });
});
