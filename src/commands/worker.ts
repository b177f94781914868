import { AppError } from '../core/errors.js';
import { type ExitCode, exitCode } from '../core/exit-code.js';
import type { ToWorker, WorkerChannel } from '../load/protocol.js';
import { runWorker } from '../load/worker.js';
import { type CommandContext, printLine } from './context.js';
import { type Lifeline, processLifeline } from './lifeline.js';
import type { WorkerPieceOptions } from './piece-entries.js';
import { keepYoungGenerationSmall } from './young-generation.js';

/** The runner at the other end, as the worker sees it. What it sends was made by the same program. */
function runnerChannel(lifeline: Lifeline): WorkerChannel {
  return {
    send: (message) => lifeline.send(message),
    onMessage: (listener) => lifeline.onMessage((message) => listener(message as ToWorker)),
    onClosed: (listener) => lifeline.onLost(listener),
  };
}

/**
 * `cluster-chat worker`: one process full of simulated clients. It ends with its work or with its parent.
 * Ctrl-C reaches the whole process group, but when a run ends is for the runner to say: it is ignored here.
 */
export async function runWorkerPiece(options: WorkerPieceOptions, context: CommandContext): Promise<ExitCode> {
  keepYoungGenerationSmall();
  const lifeline = processLifeline();
  if (!lifeline.isChild) {
    throw new AppError('usage', 'A worker does what a run tells it, and there is no run.', {
      hint: 'Use `cluster-chat run`; it starts its workers itself.',
    });
  }
  const terminated = new Promise<ExitCode>((resolve) => {
    context.onSignal((signal) => {
      if (signal !== 'SIGINT') resolve(exitCode.terminated);
    });
  });
  const work = runWorker(runnerChannel(lifeline)).then(() => exitCode.ok);
  // It listens nowhere; the line only says that it is ready for its first message.
  printLine(context, JSON.stringify({ ready: true, name: options.name }));
  return Promise.race([work, terminated]);
}
