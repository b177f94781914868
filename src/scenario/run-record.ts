import { nowMicros } from '../core/clock.js';
import type { FactBatch } from '../record/history.js';
import type { RunEvent } from './run-event.js';
import type { RunOptions } from './run-options.js';
import { newStory, tell } from './run-story.js';

/** How often the record says that it goes on; a little less, because looks do not come exactly in time. */
const tickEveryMicros = 900_000;

/**
 * What happened in a run, as it is written down and as the story that its result will be made of. Whatever is told is
 * written first: from the same lines the same result can be made again.
 */
export class RunRecord {
  readonly story = newStory();
  readonly #folder: RunOptions['folder'];
  #tickedAtMicros = 0;

  /** @param folder undefined for a run that leaves nothing behind */
  constructor(folder: RunOptions['folder']) {
    this.#folder = folder;
  }

  tell(event: RunEvent): void {
    this.#folder?.event(event);
    tell(this.story, event);
  }

  /** Writes down what the clients saw; the story is told without it. */
  facts(facts: FactBatch): void {
    this.#folder?.facts(facts);
  }

  /** Says that the run goes on, when that was not said just now. */
  tick(): void {
    const atMicros = nowMicros();
    if (atMicros - this.#tickedAtMicros < tickEveryMicros) return;
    this.#tickedAtMicros = atMicros;
    this.tell({ type: 'tick', atMicros });
  }

  /** Says how far the clocks of the workers can be trusted, when that has changed. */
  clocks(offsets: readonly { readonly doubtMicros: number }[]): void {
    const doubtsMicros = offsets.map(({ doubtMicros }) => doubtMicros);
    if (doubtsMicros.every((doubt, worker) => doubt === (this.story.doubtsMicros[worker] ?? 0))) return;
    this.tell({ type: 'clocks', doubtsMicros });
  }
}
