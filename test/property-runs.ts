/** How many times more inputs before a release than at a change. */
const verifyFactor = 100;

/**
 * How many inputs a property is tried with: so many at each change, and a hundred times more with
 * CLUSTER_CHAT_VERIFY=1, for which vitest.config.ts allows the time.
 */
export function propertyRuns(usual: number): { readonly numRuns: number } {
  return { numRuns: process.env['CLUSTER_CHAT_VERIFY'] === '1' ? usual * verifyFactor : usual };
}
