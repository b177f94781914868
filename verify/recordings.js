// Runs of the real program, small enough to be kept, in which things happen to real nodes and clients.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = join(dirname(fileURLToPath(import.meta.url)), '../bin/cluster-chat.js');

const small = [
  'clients[0].count=12',
  'clients[0].rooms=3',
  'clients[0].send.every=250ms',
  'warmup=0s',
  'thresholds={}',
];
const quick = ['clients[0].reconnect.min=50ms', 'clients[0].reconnect.max=500ms', 'duration=3s'];
/** Long enough away to miss something. */
const slow = ['clients[0].reconnect.min=500ms', 'clients[0].reconnect.max=1s', 'duration=3s'];
const kill = ['steps=[{at: 800ms, kill: node-2}, {at: 2s, start: node-2}]'];
/** Clients who ask for nothing miss what was said while they were away, and their contract excuses it. */
const forgetful = ['clients[0].recover=false', 'contract=custom'];

export const recordings = [
  { name: 'steady', scenario: 'smoke', overrides: [...small, 'duration=2s'] },
  { name: 'kill', scenario: 'failover', overrides: [...small, ...slow, ...kill] },
  {
    name: 'drain',
    scenario: 'rolling-restart',
    overrides: [...small, ...quick, 'steps=[{at: 500ms, restart: node-1}, {at: 1800ms, restart: node-3}]'],
  },
  {
    name: 'hang',
    scenario: 'hung-node',
    overrides: [
      ...[...small, ...quick, 'clients[0].heartbeat=500ms', 'duration=4s'],
      'steps=[{at: 500ms, pause: node-2, for: 2500ms}]',
    ],
  },
  {
    name: 'private',
    scenario: 'private-message-failover',
    overrides: [
      ...[...small, ...slow, ...kill, 'clients[1].count=12', 'clients[1].rooms=4', 'clients[1].send.every=300ms'],
      ...['clients[1].reconnect.min=500ms', 'clients[1].reconnect.max=1s'],
    ],
  },
  { name: 'forgetful', scenario: 'failover', overrides: [...small, ...slow, ...kill, ...forgetful], isExcused: true },
];

/** Performs one of them and gives back what `events.ndjson` holds. Rejects when the run does not pass. */
export async function record({ scenario, overrides }) {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-chat-recording-'));
  try {
    const words = ['run', scenario, '--workers', '2', '--out', join(folder, 'out')];
    const sets = overrides.flatMap((override) => ['--set', override]);
    const child = spawn(process.execPath, [program, ...words, ...sets], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`the recording of ${scenario} ended with ${code}:\n${said}`);
    return readFileSync(join(folder, 'out', 'events.ndjson'), 'utf8');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
