import { unreachable } from '../core/errors.js';
import type { BackendAddress } from './backend.js';
import { Passage } from './passage.js';
import type { ToxicSpec } from './toxics/registry.js';

/** What can be asked of somebody who keeps passages. Each answer is one number. */
export type PassageOrder =
  /** Answered with the port. */
  | { readonly type: 'open'; readonly passage: string; readonly target: BackendAddress }
  /** Answered with the connections that it was done to. */
  | { readonly type: 'cut' | 'reset'; readonly passage: string }
  | { readonly type: 'poison'; readonly passage: string; readonly toxic: ToxicSpec }
  /** Answered with 1, or with 0 when there was nothing to undo. */
  | { readonly type: 'mend'; readonly passage: string }
  | { readonly type: 'cure'; readonly passage: string; readonly toxic: ToxicSpec['type'] };

/** Keeps passages by their names. */
export class PassageDesk implements AsyncDisposable {
  readonly #passages = new Map<string, Passage>();

  /** @throws AppError `usage` when nothing can be listened on */
  async carryOut(order: PassageOrder): Promise<number> {
    if (order.type === 'open') {
      const passage = await Passage.open(order.target);
      this.#passages.set(order.passage, passage);
      return passage.port;
    }
    const passage = this.#passages.get(order.passage);
    if (passage === undefined) throw new Error(`no passage is called ${order.passage}`);
    switch (order.type) {
      case 'cut':
        return passage.cut();
      case 'reset':
        return passage.reset();
      case 'poison':
        return passage.poison(order.toxic);
      case 'mend':
        return Number(passage.mend());
      case 'cure':
        return Number(passage.cure(order.toxic));
      default:
        return unreachable(order);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#passages.values()].map((passage) => passage[Symbol.asyncDispose]()));
  }
}
