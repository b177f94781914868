import type { FromPassages, ToPassages } from '../cluster/passage-link.js';
import { AppError, messageOf } from '../core/errors.js';
import { type ExitCode, exitCode } from '../core/exit-code.js';
import { PassageDesk } from '../proxy/passage-desk.js';
import { type CommandContext, printLine } from './context.js';
import { processLifeline } from './lifeline.js';

/**
 * `cluster-chat passages`: the ways between processes that a run disturbs. It ends when its supervisor says so or is gone.
 */
export async function runPassages(_options: object, context: CommandContext): Promise<ExitCode> {
  const lifeline = processLifeline();
  if (!lifeline.isChild) {
    throw new AppError('usage', 'Passages are opened for a run, and there is none.', {
      hint: 'Use `cluster-chat run` with a scenario that disturbs a link; it starts them itself.',
    });
  }
  await using desk = new PassageDesk();
  lifeline.onMessage((message) => void answer(desk, message as ToPassages, (said) => lifeline.send(said)));
  return await new Promise<ExitCode>((resolve) => {
    lifeline.onLost(() => resolve(exitCode.ok));
    context.onSignal(() => resolve(exitCode.ok));
    // Where each listens is told to the supervisor alone.
    printLine(context, JSON.stringify({ ready: true, name: 'passages' }));
  });
}

async function answer(desk: PassageDesk, asked: ToPassages, send: (said: FromPassages) => void): Promise<void> {
  const { request, order } = asked;
  try {
    send({ request, value: await desk.carryOut(order) });
  } catch (error) {
    send({ request, failure: messageOf(error) });
  }
}
