import type { Reporter, SerializedError, TestModule, TestRunEndReason } from 'vitest/node';

/** How a run of tests ended, in three numbers. */
export interface Tally {
  readonly passed: number;
  /** Tests that failed, files that could not be loaded, and errors that belong to no test. */
  readonly failed: number;
  readonly skipped: number;
}

/** `12 passed, 0 failed, 1 skipped`: the whole of the last line. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/**
 * Ends the output of the tests with one plain line, alone, for programs to read. It is printed when the
 * process ends, because nothing of the other reporters may come after it.
 */
export class ClosingLine implements Reporter {
  readonly #print: (line: string) => void;
  readonly #atEnd: (print: () => void) => void;
  #isPlanned = false;

  constructor(
    print: (line: string) => void = (line) => process.stdout.write(`${line}\n`),
    atEnd: (print: () => void) => void = (print) => process.once('exit', print),
  ) {
    this.#print = print;
    this.#atEnd = atEnd;
  }

  onTestRunEnd(
    modules: readonly TestModule[],
    unhandledErrors: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    const tally = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) count(module, tally);
    // A run that failed without a failed test, such as one that was broken off, has still failed.
    if (reason !== 'passed' && tally.failed === 0) tally.failed = 1;
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    this.#atEnd(() => this.#print(closingLine(tally)));
  }
}

function count(module: TestModule, tally: { passed: number; failed: number; skipped: number }): void {
  let failed = 0;
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    if (state === 'passed') tally.passed++;
    else if (state === 'failed') failed++;
    // A test that never got its turn is no test that passed.
    else tally.skipped++;
  }
  // A file that cannot be loaded, or whose hooks fail, may have no failed test.
  tally.failed += failed === 0 && module.state() === 'failed' ? 1 : failed;
}
