// A dashboard over invented states, to be looked at in a real terminal. The processes obey the keys.
// Arguments: `cluster` shows a cluster without a run, `idle` takes the actions away.

import type { EventLine, ProcessState, ProcessStatus } from '../../../src/record/snapshot.js';
import { mountDashboard } from '../../../src/report/tui/dashboard.js';
import type { DashboardActions, DashboardState } from '../../../src/report/tui/dashboard-source.js';
import { processAt, run } from './states.js';

const words = process.argv.slice(2);
const names = ['balancer', 'broker', 'node-1', 'node-2', 'node-3'];
const states = new Map<string, ProcessState>(names.map((name) => [name, 'up']));
const events: EventLine[] = [];
const startedAtMs = Date.now();

function log(level: EventLine['level'], text: string): void {
  events.push({ atMs: Date.now() - startedAtMs, level, text });
}

function set(state: ProcessState, word: string): (name: string) => Promise<void> {
  return async (name) => {
    if (name === 'broker') throw new Error('the broker refuses \u001b[2J');
    states.set(name, state);
    log(state === 'up' ? 'info' : 'warning', `${name} ${word}`);
  };
}

function stateAt(tick: number): DashboardState {
  const elapsedMs = Date.now() - startedAtMs;
  const processes: ProcessStatus[] = names.map((name, index) => ({
    ...processAt(name, states.get(name) ?? 'down', index),
    uptimeMs: elapsedMs,
    messagesPerSecond: states.get(name) === 'up' ? Math.round(1000 + 400 * Math.sin(tick / 9 + index)) : null,
  }));
  if (words.includes('cluster')) return { processes, events };
  const once = Math.round(elapsedMs * 3 + 900 * Math.sin(tick / 12));
  return { processes, events, run: { ...run, elapsedMs, once, expected: once + 30, sent: Math.round(once / 10) } };
}

log('info', 'load started with 300 clients');
const actions: DashboardActions = {
  ...(words.includes('idle')
    ? {}
    : {
        kill: set('down', 'killed'),
        pause: set('hung', 'paused'),
        unpause: set('up', 'goes on'),
        start: set('up', 'started'),
        stop: set('down', 'stopped'),
        restart: set('up', 'restarted'),
      }),
  quit: (force) => {
    log('info', force ? 'forced' : 'stopping');
    if (force) dashboard.unmount();
  },
};
let tick = 0;
const dashboard = mountDashboard(
  {
    title: run.name,
    subscribe: (listener) => {
      // Far more often than anybody can look, so that the throttle is seen to work.
      const timer = setInterval(() => listener(stateAt(tick++)), 20);
      return () => clearInterval(timer);
    },
  },
  actions,
  {
    stdin: process.stdin,
    stdout: process.stdout,
    color: process.env['NO_COLOR'] === undefined,
    unicode: process.env['LANG'] !== 'C',
  },
);
await dashboard.closed;
process.stdout.write('summary: the screen is mine again\n');
process.stdin.unref();
