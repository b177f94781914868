import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeSpecs } from '../../src/cluster/topology.js';
import type { Result } from '../../src/record/result.js';
import { startRedis } from '../services/redis-server.js';
import { requireService } from '../services/require-service.js';

const bin = join(import.meta.dirname, '../../bin/cluster-chat.js');
// Four clients on each node, not twenty: a node that is busy with logins for two seconds counts as down, and then clients
// meet another node that does not know them.
const shorter = ['duration=7s', 'steps[0].at=1s', 'steps[1].at=3s', 'clients[0].count=12', 'clients[0].rooms=3'];
let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'cluster-chat-sessions-'));
});
afterAll(() => rm(cwd, { recursive: true }));

/** Runs the built-in scenario in processes of its own. */
async function run(out: string, ...set: string[]): Promise<{ code: number; text: string; result: Result }> {
  const words = [...shorter, ...set].flatMap((value) => ['--set', value]);
  const args = [bin, 'run', 'session-failover', '--seed', '1', '--workers', '1', '--out', out, ...words];
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text += String(chunk);
    });
  }
  const [code] = (await once(child, 'close')) as [number];
  const result = JSON.parse(await readFile(join(cwd, out, 'result.json'), 'utf8').catch(() => 'null'));
  expect(result, text).not.toBeNull();
  return { code, text, result };
}

/** Everything that a run left on disk, as one text. */
async function leavings(out: string): Promise<string> {
  const files = await readdir(join(cwd, out));
  return (await Promise.all(files.map((file) => readFile(join(cwd, out, file), 'utf8')))).join('\n');
}

describe('session-failover', () => {
  test('with sessions in memory logs out the clients of the node that dies, and only those', async () => {
    const { code, text, result } = await run('memory');
    const { httpSessions, faults } = result;
    expect(faults[0]).toMatchObject({ type: 'kill', node: 'node-2', droppedClients: 4 });
    expect(httpSessions, text).toEqual({
      logins: 12,
      failedLogins: 0,
      lostAtConnect: 0,
      lostAtReconnect: 4,
      relogins: 4,
    });
    expect(result.thresholds.find(({ metric }) => metric === 'sessions.lost')).toMatchObject({ actual: 4, ok: false });
    expect(result.delivery.missing).toBe(0);
    expect(text).toMatch(/HTTP SESSIONS +logged in 12/);
    expect(code).toBe(1);
    // What identifies a session is told to nobody, the history of the run included.
    expect(await leavings('memory')).not.toMatch(/SESSION=/);
  });

  test('with the stompjs engine counts the same', async () => {
    const { text, result } = await run('stompjs', 'clients[0].engine=stompjs');
    expect(result.httpSessions, text).toMatchObject({ logins: 12, lostAtConnect: 0, lostAtReconnect: 4, relogins: 4 });
  });

  test.runIf(requireService('redis-server', 'redis-server'))(
    'with sessions in Redis logs nobody out, and tells nobody its password',
    async () => {
      await using redis = await startRedis({ args: ['--requirepass', 'canary-4711'], password: 'canary-4711' });
      const { code, text, result } = await run('redis', `cluster.sessions=${redis.url}`);
      expect(result.faults[0], text).toMatchObject({ type: 'kill', node: 'node-2', droppedClients: 4 });
      expect(result.httpSessions, text).toMatchObject({
        logins: 12,
        lostAtConnect: 0,
        lostAtReconnect: 0,
        relogins: 0,
      });
      expect(result.delivery.missing).toBe(0);
      expect(code).toBe(0);
      expect(text + (await leavings('redis'))).not.toContain('canary-4711');
    },
  );
});

test('nodes learn where sessions live by the environment, not by their command line', () => {
  const cluster = { nodes: 2, brokerKind: 'simple', balancerKind: 'none', policy: 'round-robin', port: 0 } as const;
  const specs = nodeSpecs({ ...cluster, sessions: 'redis://:canary@h' }, () => 'simple', 'secret');
  for (const { command, env } of specs) {
    expect(JSON.stringify(command)).not.toContain('canary');
    expect(env['CLUSTER_CHAT_SESSIONS']).toBe('redis://:canary@h');
  }
});
