import { nowMs } from '../core/clock.js';
import type { ServerLimits } from './limits.js';
import { isLoopback } from './loopback.js';

/** Decides who may connect: how many at once, how many from one address, how many in a second. */
export class Admission {
  readonly #limits: ServerLimits;
  readonly #byAddress = new Map<string, number>();
  #open = 0;
  #tokens: number;
  #filledAtMs = nowMs();

  constructor(limits: ServerLimits) {
    this.#limits = limits;
    this.#tokens = limits.acceptBurst;
  }

  /** @returns undefined and counts the connection, or the reason why it is refused */
  admit(address: string): string | undefined {
    const { maxConnections, maxConnectionsPerAddress, acceptPerSecond, acceptBurst } = this.#limits;
    if (this.#open >= maxConnections) return `The node has ${maxConnections} connections already.`;
    const fromAddress = this.#byAddress.get(address) ?? 0;
    if (!isLoopback(address) && fromAddress >= maxConnectionsPerAddress) {
      return `The address has ${maxConnectionsPerAddress} connections already.`;
    }
    const now = nowMs();
    this.#tokens = Math.min(acceptBurst, this.#tokens + ((now - this.#filledAtMs) / 1000) * acceptPerSecond);
    this.#filledAtMs = now;
    if (this.#tokens < 1) return `More than ${acceptPerSecond} connections per second; try again.`;
    this.#tokens--;
    this.#open++;
    this.#byAddress.set(address, fromAddress + 1);
    return undefined;
  }

  release(address: string): void {
    this.#open--;
    const left = (this.#byAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#byAddress.delete(address);
    else this.#byAddress.set(address, left);
  }
}
