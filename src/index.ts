export { AppError, type ErrorCode } from './core/errors.js';
export type { Result, Verdict } from './record/result.js';
export type { Scenario } from './scenario/scenario.js';
