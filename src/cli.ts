import { createProcessContext, flushOutput } from './commands/context.js';
import { reportDefect, runCli } from './commands/run-cli.js';

const context = createProcessContext();
// Also for a rejection that nobody awaits. Node itself would end with the code of a failed verdict.
process.on('uncaughtException', (thrown) => {
  const code = reportDefect(thrown, context);
  void flushOutput(context).then(() => process.exit(code));
});
const code = await runCli(context.args, context);
await flushOutput(context);
// Ending by hand: a connection or timer that a failed command left behind must not keep the shell waiting.
process.exit(code);
