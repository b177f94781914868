import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { waitUntil, wallMs } from '../core/clock.js';
import { AppError } from '../core/errors.js';
import type { Member } from './member.js';
import { ProgramFolder } from './program-folder.js';

/** libfaketime reads its file at most this often; a step is in force that much later at most. */
const cacheSeconds = 1;
/** What libfaketime reads from the environment again and again, after it was loaded. */
export const clockVariables = [
  'FAKETIME_TIMESTAMP_FILE',
  'FAKETIME_CACHE_DURATION',
  'FAKETIME_DONT_FAKE_MONOTONIC',
] as const;
/** Node's own Date is up to a second behind, too; the rest is for a busy machine. */
const observeTimeoutMs = 15_000;
const answerTimeoutMs = 1_000;
/** The Date of an answer has whole seconds, and may be a second old. */
const dateToleranceMs = 2_000;

/**
 * Wall clocks of single processes, by libfaketime: whatever a process asks the system for the time of day, in its own
 * code or in any library, it is told another one. Its monotonic clock, and with it every timer, goes on as before, as
 * when an operator or NTP steps the clock of a machine.
 */
export class WallClocks implements Disposable {
  readonly #names: ReadonlySet<string>;
  readonly #folder = new ProgramFolder('clocks');
  readonly #preload: string;

  /** @throws AppError `program-missing` */
  constructor(names: readonly string[], env: Readonly<Record<string, string | undefined>>) {
    this.#names = new Set(names);
    this.#preload = [findFaketime(), env['LD_PRELOAD'] ?? ''].filter((path) => path !== '').join(':');
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** What a process must have in its environment to have such a clock; it shows the right time at first. */
  environmentOf(name: string): Readonly<Record<string, string>> {
    if (!this.has(name)) return {};
    this.#write(name, 0);
    const values = {
      FAKETIME_TIMESTAMP_FILE: this.#pathOf(name),
      FAKETIME_CACHE_DURATION: String(cacheSeconds),
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    } satisfies Record<(typeof clockVariables)[number], string>;
    return { LD_PRELOAD: this.#preload, ...values };
  }

  /**
   * Steps a clock to so much before or behind the machine's. Resolves when the process answers with it; at once where
   * that cannot answer now.
   */
  async set({ name, spec, ready, isPaused }: Member, offsetMs: number): Promise<void> {
    this.#write(name, offsetMs);
    if (ready === undefined || isPaused) return;
    const isStepped = async (): Promise<boolean> => {
      const told = ready.healthPort === null ? undefined : await askDate(spec.host, ready.healthPort);
      return told !== undefined && Math.abs(told - wallMs() - offsetMs) < dateToleranceMs;
    };
    if (await waitUntil(isStepped, { timeoutMs: observeTimeoutMs, everyMs: 50 })) return;
    throw new AppError('control-failed', `${name} was not seen to answer with another Date`);
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }

  #pathOf(name: string): string {
    return join(this.#folder.path, `${name}.clock`);
  }

  #write(name: string, offsetMs: number): void {
    const sign = offsetMs < 0 ? '-' : '+';
    writeFileSync(this.#pathOf(name), `${sign}${Math.abs(offsetMs) / 1000}\n`, { mode: 0o600 });
  }
}

/**
 * The library that gives a process a clock of its own.
 * @throws AppError `program-missing`, also where the system cannot have it
 */
export function findFaketime(): string {
  const folders = ['/usr/lib', '/usr/lib64', '/usr/local/lib'].flatMap((base) => [base, ...foldersIn(base)]);
  // The variant that is made for threads, which Node has.
  const paths = folders.map((folder) => join(folder, 'faketime', 'libfaketimeMT.so.1'));
  const found = paths.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new AppError('program-missing', 'libfaketime is not installed: no process can have a clock of its own.', {
    hint: 'Install it (apt-get install libfaketime; it is there on Linux only), or leave the clock steps out.',
  });
}

/** Debian keeps libraries in a folder of the architecture. */
function foldersIn(base: string): string[] {
  if (!existsSync(base)) return [];
  return readdirSync(base, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() && entry.name.endsWith('-linux-gnu') ? [join(base, entry.name)] : [],
  );
}

/** What time a server says that it is, in milliseconds since 1970; undefined where it does not say. */
function askDate(host: string, port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const asked = request({ host, port, path: '/health', agent: false, timeout: answerTimeoutMs });
    const finish = (date: string | undefined): void => {
      resolve(date === undefined ? undefined : Date.parse(date));
      asked.destroy();
    };
    asked.on('timeout', () => finish(undefined));
    asked.on('error', () => finish(undefined));
    asked.on('response', ({ headers }) => finish(headers.date));
    asked.end();
  });
}
