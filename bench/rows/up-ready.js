import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { program, startPiece } from '../child.js';
import { median } from '../statistics.js';

const maxMs = 1_000;
const starts = 9;

/** Milliseconds from the start of the process to its ready line, or undefined where `up` is not known. */
async function startUp(folder, index) {
  const startedMs = performance.now();
  const args = [program, 'up', '--json', '--port', '0', '--project', `bench-${index}`];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const readyMs = performance.now() - startedMs;
    JSON.parse(line);
    child.kill('SIGTERM');
    await exited;
    return readyMs;
  }
  await exited;
  if (errors.includes("unknown command 'up'")) return undefined;
  throw new Error(`up did not become ready: ${errors}`);
}

/** The same cluster from its pieces: a broker, then three nodes at once. */
async function startPieces() {
  const startedMs = performance.now();
  const pieces = [await startPiece(['broker', '--port', '0'])];
  const address = `embedded://127.0.0.1:${pieces[0].ready.port}`;
  const nodes = [1, 2, 3].map((number) =>
    startPiece(['node', '--name', `node-${number}`, '--port', '0'], { CLUSTER_CHAT_BROKER: address }),
  );
  pieces.push(...(await Promise.all(nodes)));
  const readyMs = performance.now() - startedMs;
  await Promise.all(pieces.map(({ child }) => child.end()));
  return readyMs;
}

/** From the start of `cluster-chat up` to the line that says that broker, three nodes and balancer are ready. */
export async function run({ quick }) {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-chat-bench-'));
  const times = [];
  let name = 'up ready';
  try {
    for (let index = 0; index < (quick ? 3 : starts); index++) {
      const readyMs = await startUp(folder, index);
      if (readyMs === undefined) name = 'up ready (pieces)';
      times.push(readyMs ?? (await startPieces()));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const figure = median(times);
  const limit = `figure < ${maxMs} ms`;
  const ok = figure < maxMs;
  return [{ name, unit: 'ms', figure, reference: maxMs, ratio: figure / maxMs, limit, ok, details: { times } }];
}
