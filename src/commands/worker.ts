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
 * `cluster-chat worker`: one process full of simulated clients. It ends when its parent says so or is gone.
 */
export async function runWorkerPiece(options: WorkerPieceOptions, context: CommandContext): Promise<ExitCode> {
  keepYoungGenerationSmall();
  const lifeline = processLifeline();
  if (!lifeline.isChild) {
    throw new AppError('usage', 'A worker does what a run tells it, and there is no run.', {
      hint: 'Use `cluster-chat run`; it starts its workers itself.',
    });
  }
  let isDone = false;
  const ended = new Promise<ExitCode>((resolve) => {
    lifeline.onLost(() => resolve(exitCode.ok));
    context.onSignal(() => resolve(isDone ? exitCode.ok : exitCode.terminated));
  });
  // With its work done it waits to be told to go: its last facts may still be on their way through the channel.
  const work = runWorker(runnerChannel(lifeline)).then(() => {
    isDone = true;
    return ended;
  });
  // It listens nowhere; the line only says that it is ready for its first message.
  printLine(context, JSON.stringify({ ready: true, name: options.name }));
  return Promise.race([work, ended]);
}
