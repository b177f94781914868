import { availableParallelism } from 'node:os';
import { wallMs } from '../core/clock.js';
import { packageVersion } from '../core/package-root.js';
import type { About } from '../scenario/run-event.js';

/** The environment of whoever uses the library; the library's only look at the process that it runs in. */
export function callersEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** The working directory of whoever uses the library. */
export function callersFolder(): string {
  return process.cwd();
}

/** What the manifest of a run says about program and machine. */
export function aboutCaller(run: { readonly scenario: string; readonly command: string }): About {
  return {
    version: packageVersion(),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    cpus: availableParallelism(),
    startedAt: new Date(wallMs()).toISOString(),
    ...run,
  };
}
