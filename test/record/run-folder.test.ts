import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { batchFromJson, batchToJson, isEmptyBatch } from '../../src/record/batch-json.js';
import { becomeLatest } from '../../src/record/latest.js';
import { createLedger } from '../../src/record/ledger.js';
import { RunFolder, runFolderName } from '../../src/record/run-folder.js';
import { writeNamedFile, writeWholeFile } from '../../src/record/whole-file.js';
import { accountOf, createHistoryWriter, planOf } from './history-writer.js';

let base = '';
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'run-folder-'));
});
afterEach(async () => {
  await rm(base, { recursive: true, force: true });
});

const plan = planOf(2, 2);
const batch = createHistoryWriter()
  .everybodyOnline(plan, (client) => client)
  .sent([0, 1, 0, 1], 10)
  .published([0, 1, 0, 2], Number.NaN, { intendedMs: 11 })
  .arrived(1, 1, [0, 1, 0, 1], 12.5)
  .take();

describe('the folder of a run', () => {
  it('keeps facts from which the same account can be drawn up again', async () => {
    const folder = await RunFolder.create(join(base, 'a/b'));
    folder.event({ type: 'load-started', atMicros: 5 });
    folder.facts(batch);
    await folder.close();
    const lines = (await readFile(join(folder.path, 'events.ndjson'), 'utf8')).trimEnd().split('\n');
    const [started, facts] = lines.map((line) => JSON.parse(line));
    expect(started).toEqual({ type: 'load-started', atMicros: 5 });
    const ledger = createLedger(plan);
    ledger.add(batchFromJson(facts));
    const { distributions, ...again } = ledger.settle({ nowMicros: 100_000_000, faults: [] });
    const { distributions: _, ...before } = accountOf(plan, batch);
    expect(again).toEqual(before);
    expect(again.delivery).toMatchObject({ sent: 1, rejected: 1, once: 1 });
    expect(distributions.response.maxMs).toBe(2.5);
  });

  it('writes files whole: the new text or the old, and nothing else is left', async () => {
    const folder = await RunFolder.create(join(base, 'run'));
    const path = join(folder.path, 'result.json');
    await writeWholeFile(path, '{"old":true}');
    const inode = (await stat(join(folder.path, 'result.json'))).ino;
    await writeWholeFile(path, '{"new":true}');
    expect(await readFile(join(folder.path, 'result.json'), 'utf8')).toBe('{"new":true}');
    expect((await stat(join(folder.path, 'result.json'))).ino).not.toBe(inode);
    await folder.close();
    expect((await readdir(folder.path)).sort()).toEqual(['events.ndjson', 'result.json']);
  });

  it('a disk that a fault fills takes no more events, which is told once, and what was written before stays', async () => {
    const folder = await RunFolder.create(join(base, 'run'));
    const told: string[] = [];
    folder.onFailure((error) => told.push(error.message));
    folder.event({ type: 'load-started', atMicros: 5 });
    await expect.poll(() => readFile(join(folder.path, 'events.ndjson'), 'utf8')).not.toBe('');
    expect(folder.isWhole).toBe(true);
    await folder.fill('events');
    await folder.fill('events');
    folder.event({ type: 'run-ended', atMicros: 6 });
    await folder.close();
    expect(told).toEqual(['ENOSPC: no space left on device, write']);
    const text = await readFile(join(folder.path, 'events.ndjson'), 'utf8');
    expect(text).toBe('{"type":"load-started","atMicros":5}\n');
    expect(folder.isWhole).toBe(false);
    await folder.keep('result.json', '{}');
  });

  it('a disk that a fault fills takes no more reports: the old one stays whole, no half one is left, and events go on', async () => {
    const folder = await RunFolder.create(join(base, 'run'));
    await folder.keep('result.json', '{"old":true}');
    await folder.fill('reports');
    await expect(folder.keep('result.json', '{"new":true}')).rejects.toMatchObject({ code: 'ENOSPC' });
    await expect(folder.keep('junit.xml', '<testsuites/>')).rejects.toMatchObject({ code: 'ENOSPC' });
    folder.event({ type: 'run-ended', atMicros: 6 });
    await folder.close();
    expect(folder.isWhole).toBe(true);
    expect((await readdir(folder.path)).sort()).toEqual(['events.ndjson', 'result.json']);
    expect(await readFile(join(folder.path, 'result.json'), 'utf8')).toBe('{"old":true}');
    expect(await readFile(join(folder.path, 'events.ndjson'), 'utf8')).toBe('{"type":"run-ended","atMicros":6}\n');
  });

  it('a file that the user named may be no file at all, and one that could not be opened is left as it is', async () => {
    await writeNamedFile('/dev/null', 'gone');
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
    await expect(writeNamedFile('/dev/full', 'x')).rejects.toMatchObject({ code: 'ENOSPC' });
    expect((await stat('/dev/full')).isCharacterDevice()).toBe(true);
    await expect(writeNamedFile(base, 'x')).rejects.toMatchObject({ code: 'EISDIR' });
    expect((await stat(base)).isDirectory()).toBe(true);
  });

  it('only the user may read it', async () => {
    const folder = await RunFolder.create(join(base, 'run'));
    await writeWholeFile(join(folder.path, 'result.json'), '{}');
    await folder.close();
    const modes = await Promise.all(
      ['.', 'events.ndjson', 'result.json'].map(async (name) => (await stat(join(folder.path, name))).mode & 0o777),
    );
    expect(modes).toEqual([0o700, 0o600, 0o600]);
  });

  it('a folder that exists already with events is refused rather than mixed', async () => {
    await (await RunFolder.create(join(base, 'run'))).close();
    await expect(RunFolder.create(join(base, 'run'))).rejects.toThrow('EEXIST');
  });

  it('the newest is `latest`', async () => {
    for (const name of ['one', 'two']) {
      const folder = await RunFolder.create(join(base, name));
      await becomeLatest(folder.path);
      await folder.close();
    }
    expect(await readlink(join(base, 'latest'))).toBe('two');
    expect((await readdir(base)).sort()).toEqual(['latest', 'one', 'two']);
  });

  it('is readable up to its last whole line after kill -9', async () => {
    const path = join(base, 'killed');
    const writer = `
      import { RunFolder } from ${JSON.stringify(join(import.meta.dirname, '../../src/record/run-folder.ts'))};
      const folder = await RunFolder.create(${JSON.stringify(path)});
      let count = 0;
      setInterval(() => {
        for (let i = 0; i < 50; i++) folder.event({ type: 'noted', atMs: ++count, level: 'info', text: 'x'.repeat(2000) });
        if (count === 500) console.log('far enough');
      }, 1);
    `;
    const bundle = join(base, 'writer.mjs');
    const { build } = await import('esbuild');
    await build({
      ...{ stdin: { contents: writer, resolveDir: base, loader: 'ts' }, outfile: bundle, bundle: true },
      ...{ platform: 'node', format: 'esm', logLevel: 'error' },
    });
    const child = spawn(process.execPath, [bundle], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lines = (await readFile(join(path, 'events.ndjson'), 'utf8')).split('\n').slice(0, -1);
    expect(lines.map((line) => JSON.parse(line).atMs)).toEqual(lines.map((_, index) => index + 1));
    expect(lines.length).toBeGreaterThan(50);
  });
});

describe('names and batches', () => {
  it('a folder name sorts by time and is a safe file name', () => {
    const at = new Date('2026-11-24T05:03:09.123Z');
    expect(runFolderName(at, 'One node dies, nobody…/../x')).toBe('20261124-050309-one-node-dies-nobody-x');
    expect(runFolderName(at, '../..')).toBe('20261124-050309-run');
  });

  it('a batch survives JSON, NaN included', () => {
    const again = batchFromJson(JSON.parse(JSON.stringify(batchToJson(batch))));
    expect(Array.from(again.publishes.writtenAtMicros)).toEqual([10_000, Number.NaN]);
    expect(batchToJson(again)).toEqual(batchToJson(batch));
  });

  it('an empty batch is known as such', () => {
    expect([isEmptyBatch(batch), isEmptyBatch(createHistoryWriter().take())]).toEqual([false, true]);
    expect(isEmptyBatch(createHistoryWriter().arrived(0, 1, [0, 1, 0, 1], 1).take())).toBe(false);
  });
});
