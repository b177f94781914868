import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { program } from '../child.js';
import { median } from '../statistics.js';

const maxMs = 1_000;
const starts = 9;

/** Milliseconds from the start of the process to the document that says that broker, nodes and balancer are ready. */
async function startUp(folder, index) {
  const startedMs = performance.now();
  const args = [program, 'up', '--json', '--port', '0', '--project', `bench-${index}`];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const readyMs = performance.now() - startedMs;
      const { nodes, balancer } = JSON.parse(line);
      if (nodes?.length !== 3 || balancer === null) throw new Error(`up is not ready with: ${line}`);
      return readyMs;
    }
    throw new Error(`up did not become ready: ${errors}`);
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
}

/** From the start of `cluster-chat up` to its document, with three nodes; none is left running, nor a file of it. */
export async function run({ quick }) {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-chat-bench-'));
  const times = [];
  try {
    for (let index = 0; index < (quick ? 3 : starts); index++) {
      times.push(await startUp(folder, index));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const figure = median(times);
  const limit = `figure < ${maxMs} ms`;
  const ok = figure < maxMs;
  return [
    { name: 'up ready', unit: 'ms', figure, reference: maxMs, ratio: figure / maxMs, limit, ok, details: { times } },
  ];
}
