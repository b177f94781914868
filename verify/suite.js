import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const vitest = join(import.meta.dirname, '../node_modules/vitest/vitest.mjs');

/** Runs files of the test suite, with more in their environment. Resolves with the titles that passed and that failed. */
export async function runSuite(files, env = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-chat-verify-'));
  const report = join(folder, 'report.json');
  try {
    const words = [vitest, 'run', ...files, '--reporter=json', `--outputFile=${report}`, '--maxWorkers', '1'];
    const child = spawn(process.execPath, words, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr = `${stderr}${chunk}`.slice(-4_000);
    });
    await new Promise((resolve, reject) => child.once('error', reject).once('exit', resolve));
    return readOutcome(report, stderr);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readOutcome(report, stderr) {
  let suites;
  try {
    suites = JSON.parse(readFileSync(report, 'utf8')).testResults;
  } catch (error) {
    throw new Error(`the test suite left no report: ${stderr}`, { cause: error });
  }
  const tests = suites.flatMap(({ assertionResults }) => assertionResults);
  const of = (status) => tests.filter((test) => test.status === status);
  // A file that cannot be loaded has no tests, and has failed.
  const broken = suites.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0);
  return {
    passed: of('passed').map(({ fullName }) => fullName),
    failed: [
      ...of('failed').map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages.join('\n')}`),
      ...broken.map(({ name, message }) => `${name}: ${message}`),
    ],
  };
}
