import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, ownIdentity, type ProcessIdentity } from './pid.js';

/** Short, because the path of a socket within may have only 104 characters. */
const prefix = 'cluster-chat-door-';
const ownerFile = 'owner.json';

/**
 * A private folder for the configuration, sockets and temporary files of a program that is not ours. Removed with
 * its cluster; one whose supervisor was killed is removed by the next.
 */
export class ProgramFolder implements Disposable {
  /** Absolute; readable by nobody else. */
  readonly path: string;
  readonly configPath: string;

  constructor(configName: string) {
    removeAbandoned();
    this.path = mkdtempSync(join(tmpdir(), prefix));
    this.configPath = join(this.path, configName);
    this.#write(join(this.path, ownerFile), JSON.stringify(ownIdentity()));
  }

  writeConfig(text: string): void {
    this.#write(this.configPath, text);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  #write(path: string, text: string): void {
    writeFileSync(path, text, { mode: 0o600 });
  }
}

function removeAbandoned(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const path = join(tmpdir(), name);
    try {
      const owner = identityIn(readFileSync(join(path, ownerFile), 'utf8'));
      if (owner !== undefined && !isAlive(owner)) rmSync(path, { recursive: true, force: true });
    } catch {
      // Another user's, or one that is being made or removed at this moment.
    }
  }
}

function identityIn(text: string): ProcessIdentity | undefined {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) return undefined;
  const { pid, startTime }: Readonly<Record<string, unknown>> = { ...value };
  return typeof pid === 'number' && typeof startTime === 'string' ? { pid, startTime } : undefined;
}
