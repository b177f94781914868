/**
 * How much extra traffic fences may make. A fence costs one publish here but one delivery per
 * subscriber at the nodes, and a room of thousands must not be flooded by its own check.
 */
export class FanOutBudget {
  readonly #publishesPerSecond: number;
  readonly #deliveriesPerSecond: number;
  #publishes = 0;
  #deliveries = 0;

  constructor(perSecond: { publishes: number; deliveries: number }) {
    this.#publishesPerSecond = perSecond.publishes;
    this.#deliveriesPerSecond = perSecond.deliveries;
  }

  /** Gives what `elapsedMs` is worth. Nothing is saved up beyond that; a debt is carried on. */
  refill(elapsedMs: number): void {
    const share = elapsedMs / 1000;
    this.#publishes = Math.min(0, this.#publishes) + this.#publishesPerSecond * share;
    this.#deliveries = Math.min(0, this.#deliveries) + this.#deliveriesPerSecond * share;
  }

  /** Takes one publish with that many deliveries, if anything is left: one too large is paid back later. */
  spend(deliveries: number): boolean {
    if (this.#publishes <= 0 || this.#deliveries <= 0) return false;
    this.#publishes -= 1;
    this.#deliveries -= deliveries;
    return true;
  }
}
