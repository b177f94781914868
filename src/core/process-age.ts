/** Milliseconds since this process began, the time that Node itself took to start included. */
export function processAgeMs(): number {
  return performance.now();
}
