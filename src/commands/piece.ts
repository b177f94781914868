import { type ExitCode, exitCode } from '../core/exit-code.js';
import { type CommandContext, printLine } from './context.js';
import type { Lifeline } from './lifeline.js';

/** The line by which a supervisor, or a script, knows that a piece runs and where. */
export interface ReadyWords {
  readonly name: string;
  readonly port: number;
  readonly url: string;
  /** Port of its HTTP server where that is another one. */
  readonly http?: number;
}

export interface Piece {
  readonly ready: ReadyWords;
  /** Says goodbye to its clients and ends. */
  drain(): Promise<void>;
}

/**
 * The life of one piece of a cluster from its ready line to its end. SIGTERM drains, and so does Ctrl-C. A second
 * signal, or the loss of the supervisor, ends it at once.
 */
export async function livePiece(piece: Piece, context: CommandContext, lifeline: Lifeline): Promise<ExitCode> {
  return new Promise((resolve) => {
    let isDraining = false;
    lifeline.onLost(() => resolve(exitCode.ok));
    context.onSignal((signal) => {
      if (isDraining) return resolve(signal === 'SIGINT' ? exitCode.interrupted : exitCode.terminated);
      isDraining = true;
      void piece.drain().then(() => resolve(exitCode.ok));
    });
    // Whoever reads it may end the piece in that very moment.
    printLine(context, JSON.stringify({ ready: true, ...piece.ready }));
  });
}
