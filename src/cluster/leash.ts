import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { sleep } from '../core/clock.js';

/**
 * Reads `+123` and `-123` (`g123` for a process group) until its pipe closes, which the kernel does for a
 * supervisor that was killed too. Programs that know nothing of us are asked at once; after a second, in which
 * the others end by themselves, whatever is still listed is killed. It ignores the signals of a terminal, because
 * it must outlive its parent.
 */
const script = `
trap '' HUP INT TERM
listed=
while IFS= read -r line; do
  case $line in
    +*) listed="$listed \${line#+}" ;;
    -*) rest=
        for entry in $listed; do [ "$entry" = "\${line#-}" ] || rest="$rest $entry"; done
        listed=$rest ;;
  esac
done
[ -z "$listed" ] && exit 0
end() { case $2 in g*) kill -s "$1" -- "-\${2#g}" ;; *) kill -s "$1" "$2" ;; esac; }
for entry in $listed; do case $entry in g*) end TERM "$entry" ;; esac; done 2>/dev/null
sleep 1
for entry in $listed; do end KILL "$entry"; done 2>/dev/null
`;

/** After so many deaths of its own something kills it on purpose. */
const maxRenewals = 3;
const closeTimeoutMs = 1000;

interface Leashed {
  readonly pid: number | undefined;
  readonly isGroup: boolean;
}

/**
 * Sees to it that no child outlives a supervisor that was killed: a child that is paused cannot see its parent
 * disappear, one that is caught in a loop neither, and foreign programs know no channel. Nothing listed here
 * lives longer than two seconds more.
 */
export class Leash implements AsyncDisposable {
  readonly #listed = new Set<string>();
  readonly #onLost: (reason: string) => void;
  #shell: ChildProcess | undefined;
  #renewals = 0;
  #isClosed = false;

  /** @param onLost called when there is no such watch any more: no `sh`, or something keeps killing it */
  constructor(onLost: (reason: string) => void) {
    this.#onLost = onLost;
  }

  /** The watch's own process, while there is one. */
  get pid(): number | undefined {
    return this.#shell?.pid;
  }

  /** To be called as soon as a process exists. */
  add(process: Leashed): void {
    const entry = entryOf(process);
    if (entry === undefined || this.#isClosed) return;
    this.#listed.add(entry);
    if (this.#shell === undefined) this.#open();
    else this.#shell.stdin?.write(`+${entry}\n`);
  }

  /** To be called as soon as a process is gone: its number will belong to another. */
  remove(process: Leashed): void {
    const entry = entryOf(process);
    if (entry !== undefined && this.#listed.delete(entry)) this.#shell?.stdin?.write(`-${entry}\n`);
  }

  /** Ends the watch; kills what is still listed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const shell = this.#shell;
    this.#shell = undefined;
    if (shell === undefined || shell.exitCode !== null || shell.signalCode !== null) return;
    const gone = once(shell, 'exit');
    shell.stdin?.end();
    await Promise.race([gone, sleep(closeTimeoutMs)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #open(): void {
    // A session of its own, so that neither Ctrl-C nor a signal to our group ends it with us.
    const shell = spawn('sh', ['-c', script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    shell.unref();
    this.#shell = shell;
    // A failed write means that it is dead, which `exit` reports.
    shell.stdin?.on('error', () => undefined);
    shell.once('error', (error) => this.#renew(shell, error.message));
    shell.once('exit', (code, signal) => this.#renew(shell, `ended with ${signal ?? code}`));
    for (const entry of this.#listed) shell.stdin?.write(`+${entry}\n`);
  }

  #renew(shell: ChildProcess, reason: string): void {
    if (this.#isClosed || this.#shell !== shell) return;
    this.#shell = undefined;
    if (shell.pid === undefined || ++this.#renewals > maxRenewals) this.#onLost(reason);
    else this.#open();
  }
}

function entryOf(process: Leashed): string | undefined {
  if (process.pid === undefined) return undefined;
  return process.isGroup ? `g${process.pid}` : String(process.pid);
}
