import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nowMs, sleep, waitUntil } from '../../src/core/clock.js';
import type { Result } from '../../src/record/result.js';
import { type Ended, expectNoTrace, type Place, type Started, set } from './place.js';

/** About three seconds from the first process to the report. */
const short = set('clients[0].count=12', 'clients[0].send.every=250ms', 'duration=1500ms', 'drain.quiet=2s');
const messages = 12 * 6;
/** When the end may come: from before anything is listening to after everything is over. */
export const longestMs = 5000;

function startShortRun(place: Place, out: string): Started {
  // A terminal sends its signals to the whole group.
  return place.start(['run', 'smoke', '--out', out, ...short], { isGroup: true });
}

function isRunning({ child }: Started): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/**
 * Kills a run with SIGKILL, and only that process; then the next one starts, passes and ends in the same place.
 * @returns after how long no process was left, in milliseconds
 * @throws what does not hold
 */
export async function killSupervisor(place: Place, name: string, afterMs: number): Promise<number> {
  const started = startShortRun(place, name);
  await sleep(afterMs);
  if (isRunning(started)) started.child.kill('SIGKILL');
  const killedAtMs = nowMs();
  await waitUntil(() => place.processes().length === 0, { timeoutMs: 30_000 });
  const goneAfterMs = nowMs() - killedAtMs;
  // Late on a machine that is busy otherwise is one thing, never is another.
  if (goneAfterMs > 2000) throw new Error(`processes were left for ${Math.round(goneAfterMs)} ms`);
  await started.ended;
  readEvents(place, name);
  const next = await place.run('run', 'smoke', '--out', `${name}-next`, ...short, ...set('duration=250ms'));
  if (next.code !== 0) throw new Error(`the next run ended with ${next.code}:\n${next.stdout}${next.stderr}`);
  await place.expectNothingLeft();
  return goneAfterMs;
}

/** What came of an interrupted run. */
export type Interruption = 'before the load' | 'partial' | 'whole';

/**
 * Ends a run as Ctrl-C does.
 * @throws what does not hold
 */
export async function interruptRun(place: Place, name: string, afterMs: number): Promise<Interruption> {
  const started = startShortRun(place, name);
  await sleep(afterMs);
  const { pid } = started.child;
  if (isRunning(started) && pid !== undefined) process.kill(-pid, 'SIGINT');
  const ended = await started.ended;
  await place.expectNothingLeft();
  expectNoTrace(ended);
  return classify(place, name, ended);
}

function classify(place: Place, name: string, ended: Ended): Interruption {
  const { code, signal, stdout, stderr } = ended;
  const wrong = (what: string): Error => new Error(`${what}, code ${code}, signal ${signal}:\n${stdout}${stderr}`);
  // Before it listens for signals and after it has ceased to, the signal itself ends the process.
  if (code !== 0 && code !== 130 && signal !== 'SIGINT') throw wrong('the wrong end');
  if (stderr !== '') throw wrong('it complains');
  const hasLoad = readEvents(place, name).some(({ type }) => type === 'load-started');
  if (!existsSync(join(place.cwd, name, 'result.json'))) {
    if (hasLoad || code === 0) throw wrong('there is no report');
    return 'before the load';
  }
  const { partial, delivery, verdict }: Result = place.result(name);
  const { attempted, once, late, missing, absent, sent, unexplained } = delivery;
  if (attempted !== once + late + missing + absent) throw wrong('the report does not balance');
  if (missing > 0 || unexplained > 0) throw wrong(`${missing} deliveries are missing`);
  if (verdict === 'fail' || (code === 0 && partial)) throw wrong(`the verdict is ${verdict}, partial ${partial}`);
  if (!partial && sent !== messages) throw wrong(`${sent} messages are called a whole run`);
  return partial ? 'partial' : 'whole';
}

/** Whatever ends a run, what it recorded can be read up to the last whole line. */
function readEvents(place: Place, name: string): { type: string }[] {
  const file = join(place.cwd, name, 'events.ndjson');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.slice(0, -1).map((line) => JSON.parse(line));
}
