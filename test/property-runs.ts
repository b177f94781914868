/**
 * How many inputs a property is tried with: so many at each change, and CLUSTER_CHAT_PROPERTY_FACTOR times more where
 * that is set, for which vitest.config.ts allows the time.
 */
export function propertyRuns(usual: number): { readonly numRuns: number } {
  return { numRuns: usual * Number(process.env['CLUSTER_CHAT_PROPERTY_FACTOR'] ?? 1) };
}
