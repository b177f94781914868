import { defineConfig } from 'vitest/config';
import { ClosingLine } from './test/closing-line.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    // Suites start real processes; more than two files at once only slows each of them down.
    maxWorkers: 2,
    // Bounds for a machine under load, not expectations: tests wait for conditions and never for time. Properties
    // are tried with many more inputs before a release; see test/property-runs.ts.
    testTimeout: process.env['CLUSTER_CHAT_PROPERTY_FACTOR'] !== undefined ? 3_600_000 : 180_000,
    hookTimeout: 180_000,
    teardownTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    // A test that passes at the second try has failed.
    retry: 0,
    reporters: ['default', new ClosingLine()],
  },
});
