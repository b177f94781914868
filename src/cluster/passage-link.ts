import { setDeadline } from '../core/clock.js';
import { deferred } from '../core/deferred.js';
import { AppError } from '../core/errors.js';
import type { PassageOrder } from '../proxy/passage-desk.js';
import type { Child } from './child.js';

/** Somebody who keeps passages and does to them what is asked. */
export interface PassageHost {
  carryOut(order: PassageOrder): Promise<number>;
}

/** What the process of the passages is told, and what it answers. */
export interface ToPassages {
  readonly request: number;
  readonly order: PassageOrder;
}
export type FromPassages =
  | { readonly request: number; readonly value: number }
  | { readonly request: number; readonly failure: string };

const answerTimeoutMs = 5_000;

/** Passages in a process of their own, so that no bytes of a test pass through one that measures. */
export class PassageProcess implements PassageHost {
  readonly #child: Child;
  readonly #asked = new Map<number, (answer: FromPassages) => void>();
  #requests = 0;

  constructor(child: Child) {
    this.#child = child;
    // What it sends was made by the same program.
    child.onMessage((message) => {
      const answer = message as FromPassages;
      this.#asked.get(answer.request)?.(answer);
    });
  }

  /** @throws AppError `control-failed` when the process is gone, does not answer in time, or cannot do it */
  async carryOut(order: PassageOrder): Promise<number> {
    const request = ++this.#requests;
    const answered = deferred<FromPassages>();
    this.#asked.set(request, answered.resolve);
    const late = deferred<string>();
    const callOff = setDeadline(answerTimeoutMs, () => late.resolve('did not answer in time'));
    const gone = this.#child.exited.then(() => 'is gone');
    this.#child.send({ request, order } satisfies ToPassages);
    try {
      const answer = await Promise.race([answered.promise, late.promise, gone]);
      if (typeof answer === 'string') throw new AppError('control-failed', `the process of the passages ${answer}`);
      if ('failure' in answer) throw new AppError('control-failed', answer.failure);
      return answer.value;
    } finally {
      callOff();
      this.#asked.delete(request);
    }
  }
}
