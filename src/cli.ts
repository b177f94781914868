import { createProcessContext, flushOutput } from './commands/context.js';
import { runCli } from './commands/run-cli.js';

const context = createProcessContext();
const code = await runCli(context.args, context);
await flushOutput(context);
// Ending by hand: a connection or timer that a failed command left behind must not keep the shell waiting.
process.exit(code);
