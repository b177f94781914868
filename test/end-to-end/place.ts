import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '../../src/core/clock.js';
import { packageRoot } from '../../src/core/package-root.js';
import { randomToken } from '../../src/core/random.js';
import type { Result } from '../../src/record/result.js';

export const launcher = join(packageRoot(), 'bin', 'cluster-chat.js');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that was started. */
export interface Started {
  readonly child: ChildProcess;
  /** What it wrote so far. */
  readonly said: { stdout: string; stderr: string };
  readonly ended: Promise<Ended>;
  /** Waits until it wrote something, on whichever stream. */
  says(text: string | RegExp): Promise<void>;
}

/** Long enough for a machine that does much else at the same time. */
const patienceMs = 30_000;
const variable = 'CLUSTER_CHAT_TEST_PLACE';

/** A folder of its own for commands, and a mark in the environment of every process that they start. */
export class Place {
  readonly cwd = mkdtempSync(join(tmpdir(), 'cluster-chat-'));
  readonly #mark = randomToken(12);

  /** Starts our program, or `bash` with a line in which `"$@"` is our program. */
  start(
    words: readonly string[],
    options: { bash?: string; env?: Readonly<Record<string, string>>; isGroup?: boolean } = {},
  ): Started {
    const own = [launcher, ...words];
    const [command, args] =
      options.bash === undefined
        ? [process.execPath, own]
        : ['bash', ['-c', options.bash, 'bash', process.execPath, ...own]];
    // The leader of a group of its own gets signals as from a terminal: all of the group get them.
    const detached = options.isGroup === true;
    const env = { ...process.env, ...options.env, [variable]: this.#mark };
    const child = spawn(command, args, { cwd: this.cwd, env, detached, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    child.stdout.on('data', (text) => {
      said.stdout += String(text);
    });
    child.stderr.on('data', (text) => {
      said.stderr += String(text);
    });
    const ended = once(child, 'close').then(([code, signal]): Ended => ({ code, signal, ...said }));
    const says = async (text: string | RegExp): Promise<void> => {
      const isSaid = (): boolean => [said.stdout, said.stderr].some((each) => each.match(text) !== null);
      await waitUntil(() => isSaid() || child.exitCode !== null, { timeoutMs: patienceMs, everyMs: 5 });
      if (!isSaid()) throw new Error(`it never said ${text}, but:\n${said.stdout}\n${said.stderr}`);
    };
    return { child, said, ended, says };
  }

  /** Starts our program and waits for its end. */
  run(...words: readonly string[]): Promise<Ended> {
    return this.start(words).ended;
  }

  /** Waits for something that a command does. */
  async until(condition: () => boolean): Promise<void> {
    assert.ok(await waitUntil(condition, { timeoutMs: patienceMs, everyMs: 20 }), 'the condition never held');
  }

  /** Processes that a command of this place started and that still run; a zombie does not. */
  processes(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => isMarked(pid, `${variable}=${this.#mark}`));
  }

  /** The same as words. */
  commands(): string[] {
    return this.processes().map(commandOf);
  }

  /** Nothing that was started here may outlive its command; what is killed needs a moment on a busy machine. */
  async expectNothingLeft(timeoutMs = patienceMs): Promise<void> {
    await waitUntil(() => this.processes().length === 0, { timeoutMs });
    assert.deepEqual(this.commands(), [], 'processes are left running');
  }

  /** Ends what a failed test left behind, and removes the folder. */
  remove(): void {
    for (const pid of this.processes()) process.kill(pid, 'SIGKILL');
    rmSync(this.cwd, { recursive: true, force: true });
  }

  result(out: string): Result {
    return JSON.parse(readFileSync(join(this.cwd, out, 'result.json'), 'utf8'));
  }
}

function isMarked(pid: number, mark: string): boolean {
  try {
    if (/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return false;
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark);
  } catch {
    // Gone meanwhile, or of another user.
    return false;
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // Gone meanwhile.
    return String(pid);
  }
}

/** The words of several `--set`. */
export function set(...overrides: readonly string[]): string[] {
  return overrides.flatMap((override) => ['--set', override]);
}

/** A failure that a user can meet is told in words, never by a stack. */
export function expectNoTrace({ stdout, stderr }: Ended): void {
  assert.doesNotMatch(`${stdout}${stderr}`, /^\s+at .*[:(]\d+|node:internal|defect of cluster-chat/m);
}
