import { execFileSync } from 'node:child_process';
import { program } from '../child.js';
import { median } from '../statistics.js';

const maxMs = 60;
const starts = 9;

/**
 * User and system time of one whole process in milliseconds, start and end included, as the operating
 * system counted it: `times` of the shell, whose second line is about its children.
 */
function cpuMsOf(args) {
  const words = ['-c', '"$@" > /dev/null; times', 'sh', process.execPath, ...args];
  const [, children = ''] = execFileSync('/bin/sh', words, { encoding: 'utf8' }).trim().split('\n');
  let ms = 0;
  for (const [, minutes, seconds] of children.matchAll(/(\d+)m([\d.]+)s/g)) ms += minutes * 60_000 + seconds * 1_000;
  return ms;
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
