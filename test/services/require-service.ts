import { findProgram } from '../../src/cluster/find-program.js';
import { AppError } from '../../src/core/errors.js';

/**
 * The path of a program that a suite needs. Where it is not installed this says so with the cure and the suite is
 * to be skipped, unless CLUSTER_CHAT_REQUIRE_SERVICES=1: a check that skips what it is there for must fail.
 */
export function requireService(program: string, debianPackage: string): string | undefined {
  try {
    return findProgram(program, process.env);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const text = `${program} is not installed: its tests cannot run. Install it with: apt-get install ${debianPackage}`;
    if (process.env['CLUSTER_CHAT_REQUIRE_SERVICES'] === '1') throw new Error(text, { cause: error });
    process.stderr.write(`SKIPPED: ${text}\n`);
    return undefined;
  }
}
