/** Lets this whole process stand still, as on a machine that gives it no processor: no timer, no socket, no signal. */
export function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
