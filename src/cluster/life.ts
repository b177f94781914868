import { unreachable } from '../core/errors.js';
import type { ProcessState } from '../record/snapshot.js';
import type { Child } from './child.js';
import type { Health } from './health.js';
import type { ReadyLine } from './ready-line.js';

/** Where a process is in its life. */
export type Life =
  | { readonly type: 'down' }
  | { readonly type: 'failed' }
  /** Without a child while a port is sought. */
  | { readonly type: 'starting'; readonly child: Child | undefined }
  | {
      readonly type: 'up';
      readonly child: Child;
      readonly ready: ReadyLine;
      isPaused: boolean;
      /** Told to kill itself when the moment comes. */
      isDoomed: boolean;
      /** Sent last by somebody who wanted to end it; it has lived on so far. */
      signal: NodeJS.Signals | undefined;
      isAnswering: boolean;
      health: Health;
    }
  /** Told to end. */
  | { readonly type: 'ending'; readonly child: Child };

/** Its state as others are told it. */
export function stateOf(life: Life): ProcessState {
  switch (life.type) {
    case 'down':
    case 'failed':
    case 'starting':
      return life.type;
    case 'ending':
      // It still serves those that it has.
      return 'up';
    case 'up':
      return life.isPaused || !life.isAnswering ? 'hung' : 'up';
    default:
      return unreachable(life);
  }
}
