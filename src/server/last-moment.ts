import type { Moment } from '../core/moment.js';
import type { Journal } from './journal.js';

/**
 * Lets a node kill itself at a certain place of its work, which a signal from outside cannot hit. The journal is
 * flushed first: what the node did until then is proven, and what it did not do as well.
 *
 * Only messages of a run's load count, which the journal knows; without a journal the moment never comes.
 */
export class LastMoment {
  readonly #journal: Journal | undefined;
  readonly #die: () => never;
  #armed: Moment | undefined;

  /** @param die ends the process with SIGKILL and does not return */
  constructor(journal: Journal | undefined, die: () => never) {
    this.#journal = journal;
    this.#die = die;
  }

  /** From now on the next such moment is the last; undefined calls that off. */
  arm(moment: Moment | undefined): void {
    this.#armed = moment;
  }

  isArmed(moment: Moment): boolean {
    return this.#armed === moment;
  }

  /** Dies if this is the moment. */
  reached(moment: Moment): void {
    if (this.#armed !== moment) return;
    this.#journal?.flush();
    this.#die();
  }
}
