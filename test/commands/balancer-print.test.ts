import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../../src/cluster/find-program.js';
import { runCli } from '../../src/commands/run-cli.js';
import { policyNames } from '../../src/proxy/policy.js';
import { requireService } from '../services/require-service.js';
import { createFakeContext } from './fake-context.js';

const nodes = ['app-1.example:8080', 'app-2.example:8080'];
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cluster-chat-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function print(...words: string[]): Promise<string> {
  const fake = createFakeContext();
  expect(await runCli(['balancer', '--print', ...words], fake.context)).toBe(0);
  expect(fake.stderr()).toBe('');
  return fake.stdout();
}

/** Names of production do not resolve here, and its folders are not ours. */
function adapted(config: string): string {
  const own = config
    .replaceAll(/app-\d\.example/g, '127.0.0.1')
    .replace('/run/haproxy/admin.sock', join(folder, 'admin.sock'))
    .replaceAll('/var/log/nginx', folder);
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  return own.replace('http {', `http {\n${paths.join('\n')}`);
}

function judge(program: string, words: readonly string[], config: string): { status: number | null; said: string } {
  const file = join(folder, 'config');
  writeFileSync(file, adapted(config));
  const { status, stdout, stderr } = spawnSync(findProgram(program, process.env), [...words, file], {
    encoding: 'utf8',
  });
  return { status, said: `${stdout}${stderr}` };
}

describe.runIf(Boolean(requireService('haproxy', 'haproxy')))('HAProxy', () => {
  test.each(policyNames)('accepts the printed configuration with policy %s, without a warning', async (policy) => {
    const config = await print('haproxy', '--policy', policy, ...nodes);
    const { status, said } = judge('haproxy', ['-c', '-f'], config);
    expect(said).not.toMatch(/WARNING|ALERT/);
    expect(status).toBe(0);
  });
});

describe.runIf(Boolean(requireService('nginx', 'nginx')))('nginx', () => {
  test.each(policyNames)('accepts the printed configuration with policy %s, without a warning', async (policy) => {
    const config = await print('nginx', '--policy', policy, ...nodes);
    const words = ['-t', '-e', 'stderr', '-p', folder, '-g', `pid ${folder}/nginx.pid;`, '-c'];
    const { status, said } = judge('nginx', words, config);
    expect(said).toContain('test is successful');
    expect(said).not.toMatch(/emerg|\[alert\]/);
    expect(status).toBe(0);
  });
});

test.each(['haproxy', 'nginx'])(
  'the printed configuration of %s names the nodes and says what to adapt',
  async (program) => {
    const config = await print(program, ...nodes, '[2001:db8::1]:8080');
    for (const address of [...nodes, '[2001:db8::1]:8080', '127.0.0.1:7100']) expect(config).toContain(address);
    expect(config).toContain('# To adapt:');
    expect(config).not.toContain(tmpdir());
    expect(config).not.toContain('health {');
  },
);

test('nothing is printed without nodes, and nothing that is no address gets into a configuration', async () => {
  const empty = createFakeContext();
  expect(await runCli(['balancer', '--print', 'nginx'], empty.context)).toBe(2);
  expect(empty.stdout()).toBe('');
  const hostile = createFakeContext();
  expect(await runCli(['balancer', '--print', 'nginx', '127.0.0.1:80; include /etc/passwd'], hostile.context)).toBe(2);
  expect(hostile.stdout()).toBe('');
});
