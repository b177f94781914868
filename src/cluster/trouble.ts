/**
 * What a machine or its operator does to a process that lives on. Every verb resolves when its effect was observed and
 * rejects like those of `Cluster`.
 */
export interface Trouble {
  /**
   * Leaves a process, and every worker of it, no file descriptor beyond those they use. Resolves when it was heard
   * before and does not serve a new connection any more.
   */
  exhaust(name: string): Promise<void>;
  /** The end of `exhaust`, seen by an answer; does nothing without it. */
  replenish(name: string): Promise<void>;
  /** Steps the wall clock of a process to so much before or behind that of the machine; its monotonic clock stays. */
  stepClock(name: string, offsetMs: number): Promise<void>;
  /** Steps it back to the machine's; does nothing where it does not differ. */
  restoreClock(name: string): Promise<void>;
  /** Makes the balancer read its configuration again. Resolves when new connections are taken by what read it. */
  reload(name: string): Promise<void>;
}
