export { AppError, type ErrorCode } from './core/errors.js';
export { type RunScenarioOptions, runScenario } from './library/run-scenario.js';
export {
  type ClusterNode,
  type StartClusterOptions,
  type StartedCluster,
  startCluster,
} from './library/start-cluster.js';
export type { Result, Verdict } from './record/result.js';
export type { Scenario } from './scenario/scenario.js';
