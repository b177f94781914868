import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemCodeOf } from '../../src/core/errors.js';
import { expectSound } from './expect-sound.js';
import { expectNoTrace, Place, set } from './place.js';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

const short = ['duration=2s', 'warmup=0s', 'clients[0].count=12', 'drain.quiet=5s'];

/** What a run left in its folder beside its record and the logs. */
function reportsIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name !== 'events.ndjson' && !name.endsWith('.log'));
}

describe('a disk that a step fills', () => {
  const fill = (part: string): string => `steps=[{ at: 1s, fill: ${part} }]`;

  test('for the events: the record ends there, which is said at once, and result.json is there', async () => {
    const { code, stdout, stderr } = await place.run('run', 'smoke', '--out', 'out', ...set(...short, fill('events')));
    expect(stderr).toContain('ENOSPC');
    expect(stderr).toContain('The run goes on, and its verdict is not touched.');
    expect(code).toBe(0);
    expect(stdout).toContain('PASSED');
    const result = place.result('out');
    expectSound(result);
    expect(result.faults).toMatchObject([{ type: 'fill', node: 'events', observed: true }]);
    const lines = readFileSync(join(place.cwd, 'out', 'events.ndjson'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.some((line) => line.includes('"run-ended"'))).toBe(false);
    expect(JSON.parse(lines.at(-1) ?? '')).toHaveProperty('type');
  });

  test.each([
    ['smoke', [], 0, 'PASSED'],
    ['simple-broker', ['fenceTimeout=100ms', 'drain.quiet=500ms'], 1, 'FAILED'],
  ] as const)(
    'for the reports of %s: verdict, summary and exit code are the same, and what is said makes them again',
    async (...of) => {
      const [scenario, overrides, code, verdict] = of;
      const args = ['run', scenario, '--out', 'an out', '--reporter', 'json', '--reporter', 'junit'];
      const end = await place.run(...args, ...set(...short, ...overrides, fill('reports')));
      expectNoTrace(end);
      expect(end.code).toBe(code);
      expect(end.stdout).toContain(verdict);
      expect(end.stdout).toContain('DELIVERY');
      const warnings = [
        ['result.json', 'json'],
        ['junit.xml', 'junit'],
      ].map(([file, reporter]) => {
        const what = `warning: an out/${file} cannot be written: ENOSPC: no space left on device, write.`;
        const cure = `  Free some space, then make it again: cluster-chat report 'an out' --reporter ${reporter}`;
        return `${what}\n${cure}\n`;
      });
      expect(end.stderr).toBe(warnings.join(''));
      expect(reportsIn(join(place.cwd, 'an out'))).toEqual([]);
      const again = await place.run('report', 'an out', '--reporter', 'json', '--reporter', 'junit');
      expect(again).toMatchObject({ code, stderr: '' });
      expect(reportsIn(join(place.cwd, 'an out')).sort()).toEqual(['junit.xml', 'result.json']);
      const result = place.result('an out');
      expectSound(result);
      expect(result.faults).toMatchObject([{ type: 'fill', node: 'reports', observed: true }]);
    },
  );

  test('for everything: it is said that nothing can be made again, and the summary is what is left', async () => {
    const end = await place.run('run', 'smoke', '--out', 'out', ...set(...short, fill('results')));
    expectNoTrace(end);
    expect(end.code).toBe(0);
    expect(end.stdout).toContain('PASSED');
    expect(end.stderr).toMatch(/^warning: The record of the run in \S+ ends here: ENOSPC/m);
    expect(end.stderr).toMatch(/^warning: out\/result\.json cannot be written: ENOSPC/m);
    expect(end.stderr).toContain('The record of the run is cut too, so that it cannot be made again.');
    expect(reportsIn(join(place.cwd, 'out'))).toEqual([]);
    expect((await place.run('report', 'out')).code).toBe(3);
  });

  test('in each run of a repetition, whose figures are printed and kept all the same', async () => {
    const args = ['run', 'smoke', '--repeat', '2', '--out', 'out', ...set(...short, fill('reports'))];
    const end = await place.run(...args);
    expectNoTrace(end);
    expect(end.code).toBe(0);
    expect(end.stderr.match(/^warning: /gm)).toHaveLength(2);
    expect(end.stderr).toContain('cluster-chat report out/run-2 --reporter json');
    expect(readdirSync(join(place.cwd, 'out'))).toContain('repeat.json');
    expect(await place.run('report', 'out', '-q')).toMatchObject({ code: 0, stdout: 'pass out\n' });
  });
});

/** A file system of 128 KB, gone at the end of its scope; undefined where none can be made. */
function smallDisk(): (Disposable & { readonly path: string }) | undefined {
  const path = join(place.cwd, 'disk');
  mkdirSync(path);
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', path], {
    encoding: 'utf8',
  });
  if (status === 0) return { path, [Symbol.dispose]: () => void spawnSync('umount', [path]) };
  const why = `no file system can be mounted, so a full disk is not tested: ${stderr.trim()}. Run as root on Linux.`;
  if (process.env['CLUSTER_CHAT_REQUIRE_SERVICES'] === '1') throw new Error(why);
  process.stderr.write(`SKIPPED: ${why}\n`);
  return undefined;
}

test.each([
  ['smoke', [], 0],
  ['simple-broker', ['fenceTimeout=100ms', 'drain.quiet=500ms'], 1],
] as const)('a disk that is full costs the record of %s, and neither run, verdict nor exit code', async (...of) => {
  const [scenario, overrides, code] = of;
  using disk = smallDisk();
  if (disk === undefined) return;
  const busy = ['clients[0].count=60', 'clients[0].send.every=50ms', 'drain.quiet=5s', 'duration=4s'];
  const args = ['run', scenario, '--out', 'disk/out', '--reporter', 'junit', ...set(...busy, ...overrides)];
  const { says, ended } = place.start(args);
  await says('The record of the run');
  const end = await ended;
  expectNoTrace(end);
  expect(end.stderr).toMatch(/^warning: The record of the run in \S+ ends here: ENOSPC/m);
  expect(end.code).toBe(code);
  expect(end.stdout).toContain(code === 0 ? 'PASSED' : 'FAILED');
  await place.expectNothingLeft();
  // The nodes' journals are gone and may have left room for reports: each is there whole, or it is said that it is not.
  const written = reportsIn(join(disk.path, 'out'));
  expect(written.filter((name) => !['result.json', 'junit.xml'].includes(name))).toEqual([]);
  for (const name of ['result.json', 'junit.xml'].filter((each) => !written.includes(each))) {
    expect(end.stderr).toContain(`warning: disk/out/${name} cannot be written: ENOSPC`);
  }
  const wrote = written.includes('result.json');
  if (wrote) expectSound(place.result('disk/out'));
  if (written.includes('junit.xml')) {
    expect(readFileSync(join(disk.path, 'out', 'junit.xml'), 'utf8')).toMatch(/<\/testsuites>\n$/);
  }
  const report = await place.run('report', 'disk/out');
  expectNoTrace(report);
  expect(report.code).toBe(wrote ? code : 3);
  if (!wrote) expect(report.stdout).toContain('evidence was cut: the record ends');
});

test('a report that was sent to a file on a full disk ends a run that passed with 4, and no half of it is left', async () => {
  using disk = smallDisk();
  if (disk === undefined) return;
  fillToTheLastByte(join(disk.path, 'filler'));
  const named = ['--reporter', 'plain', '--reporter', 'junit=disk/results.xml'];
  const end = await place.run('run', 'smoke', '--out', 'out', ...named, ...set(...short));
  expectNoTrace(end);
  expect(end.code).toBe(4);
  expect(end.stdout).toContain('PASSED');
  const cure = 'Free some space, then make it again: cluster-chat report out --reporter junit=disk/results.xml';
  expect(end.stderr).toMatch(/^error: disk\/results\.xml cannot be written: ENOSPC/);
  expect(end.stderr).toContain(cure);
  expect(readdirSync(disk.path)).toEqual(['filler']);
  expectSound(place.result('out'));
  expect((await place.run('report', 'out', '--reporter', 'junit=disk/results.xml')).code).toBe(4);
  expect(readdirSync(disk.path)).toEqual(['filler']);
  rmSync(join(disk.path, 'filler'));
  expect((await place.run('report', 'out', '--reporter', 'junit=disk/results.xml')).code).toBe(0);
  expect(readFileSync(join(disk.path, 'results.xml'), 'utf8')).toMatch(/<\/testsuites>\n$/);
});

function fillToTheLastByte(path: string): void {
  for (const size of [4096, 1]) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
    } catch (error) {
      expect(systemCodeOf(error)).toBe('ENOSPC');
    }
  }
}
