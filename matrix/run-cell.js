import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const program = join(dirname(fileURLToPath(import.meta.url)), '../bin/cluster-chat.js');
/** Far beyond the length of a run; it ends by itself before. */
const patienceMs = 90_000;

/** Short, and with clients who notice a hang; what may go missing is judged by the matrix, not by a contract. */
function scenarioOf(row, fault, address, seed) {
  return {
    version: 1,
    name: `${row.name}, ${fault.name}`,
    seed,
    cluster: { nodes: 3, broker: address },
    clients: [
      {
        name: 'chatters',
        count: 60,
        rooms: 6,
        subscribe: '/topic/{room}.messages',
        send: { to: '/topic/{room}.messages', every: '500ms' },
        heartbeat: '500ms',
        reconnect: { profile: 'full-jitter', min: '100ms', max: '1s' },
        recover: true,
      },
    ],
    warmup: '500ms',
    duration: '6s',
    steps: fault.steps(`node-${(seed % 3) + 1}`),
    fenceTimeout: '2s',
    deadline: '10s',
    // A node may take five seconds until it tries the broker again; without a link nothing is worth waiting for.
    drain: { quiet: row.hasLink === false ? '2s' : '8s' },
    contract: 'custom',
  };
}

/** Performs one run of the program. @returns its result, or why there is none */
export async function runCell(row, fault, address, seed) {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-chat-matrix-'));
  try {
    const file = join(folder, 'scenario.json');
    // The address may carry a password.
    writeFileSync(file, JSON.stringify(scenarioOf(row, fault, address, seed)), { mode: 0o600 });
    const { code, stdout, stderr } = await runProgram(['run', file, '--json'], folder);
    if (![0, 1, 3].includes(code))
      return { error: `ended with ${code}: ${stderr.trim().split('\n').slice(-3).join(' ')}` };
    return { result: JSON.parse(stdout) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runProgram(args, cwd) {
  const child = spawn(process.execPath, [program, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    said.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.stderr = `${said.stderr}${chunk}`.slice(-4_000);
  });
  // An end by signal takes the processes of the run along.
  const endIt = () => child.kill('SIGTERM');
  process.once('exit', endIt);
  const timer = setTimeout(endIt, patienceMs);
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  process.off('exit', endIt);
  return { code, ...said };
}
