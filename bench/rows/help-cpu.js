import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { program } from '../child.js';
import { median } from '../statistics.js';

const maxMs = 60;
const starts = 9;
const reporter = fileURLToPath(new URL('../processes/report-cpu.cjs', import.meta.url));

/** User and system time of a process in milliseconds, from its start to its last line of JavaScript. */
function cpuMsOf(args) {
  const { output, status } = spawnSync(process.execPath, ['--require', reporter, ...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`);
  return Number(output[3]) / 1_000;
}

/** CPU of `cluster-chat --help` beyond that of Node itself. */
export async function run() {
  const rounds = [];
  for (let i = 0; i < starts; i++) {
    rounds.push({ helpMs: cpuMsOf([program, '--help']), bareMs: cpuMsOf(['-e', '0']) });
  }
  const figure = median(rounds.map(({ helpMs, bareMs }) => helpMs - bareMs));
  const bareMs = median(rounds.map((round) => round.bareMs));
  return [
    {
      name: '--help CPU beyond node',
      unit: 'ms',
      figure,
      reference: bareMs,
      ratio: figure / bareMs,
      limit: `figure <= ${maxMs} ms`,
      ok: figure <= maxMs,
      details: { rounds },
    },
  ];
}
