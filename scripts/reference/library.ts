// What the reference pages are printed from. scripts/docs.js bundles this file and imports the result.

export { createContext } from '../../src/commands/context.js';
export { createProgram } from '../../src/commands/program.js';
export { runCli } from '../../src/commands/run-cli.js';
export { errorTable } from '../../src/core/errors.js';
export { exitCode } from '../../src/core/exit-code.js';
export { metricTable } from '../../src/record/metrics.js';
export { scenarioJsonSchema } from '../../src/scenario/json-schema.js';
export { brokerServerLimits, defaultServerLimits } from '../../src/server/limits.js';
export { createCounters, formatMetrics } from '../../src/server/metrics.js';
