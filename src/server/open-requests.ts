/** What a session was asked for and has not finished: subscriptions, publishes and commits on their way to the broker. */
export class OpenRequests {
  #open = 0;
  #receiptsOwed = 0;
  #whenSettled: (() => void) | undefined;

  /** Open requests whose frame asked for a receipt. */
  get receiptsOwed(): number {
    return this.#receiptsOwed;
  }

  opened(owesReceipt: boolean): void {
    this.#open++;
    if (owesReceipt) this.#receiptsOwed++;
  }

  /** To be called once for each `opened`, with the same argument. */
  closed(owesReceipt: boolean): void {
    this.#open--;
    if (owesReceipt) this.#receiptsOwed--;
    if (this.#open === 0) this.#whenSettled?.();
  }

  /** Resolves when nothing is open any more, at the latest after `timeoutMs`. */
  settled(timeoutMs: number): Promise<void> {
    if (this.#open === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#whenSettled = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
