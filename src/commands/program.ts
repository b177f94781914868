import { Command } from 'commander';
import type { ExitCode } from '../core/exit-code.js';
import { packageVersion } from '../core/package-root.js';
import { redactText } from '../core/redact-text.js';
import { visible } from '../core/visible.js';
import { clusterEntries } from './cluster-entries.js';
import type { CommandContext } from './context.js';
import type { CommandEntry } from './entry.js';
import { pieceEntries } from './piece-entries.js';
import { scenarioEntries } from './scenario-entries.js';

/** Every command, in the order of the help. */
const entries: readonly CommandEntry[] = [...clusterEntries, ...scenarioEntries, ...pieceEntries];

const description =
  'Prove that a clustered WebSocket (STOMP) system delivers every message, before, during and after a node dies.';

const footer = `
First steps:
  cluster-chat up                start 3 nodes, a broker and a balancer here
  cluster-chat run failover      kill a node under load and count every delivery
  cluster-chat init              write a scenario to begin with

Exit codes: 0 pass, 1 failed, 2 usage or scenario wrong, 3 inconclusive, 4 environment, 5 defect`;

/**
 * The command line as a whole. Throws a `CommanderError` where it would end the process, and writes
 * only to the context's streams.
 */
export function createProgram(context: CommandContext, done: (code: ExitCode) => void): Command {
  const program = new Command('cluster-chat')
    .description(description)
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', footer)
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      outputError: (text, write) => write(withHint(text)),
      getOutHelpWidth: () => context.columns,
      getErrHelpWidth: () => context.columns,
      // The help uses no colour anywhere, so that it reads the same in a pipe.
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  for (const entry of entries) entry.attach(program, context, done);
  return program;
}

/** One message: what is wrong, what was probably meant, and where the right words are listed. */
function withHint(text: string): string {
  const lines = text.trimEnd().split('\n');
  const [first = '', ...more] = lines.map((line) => visible(redactText(line)));
  const cure = more.length > 0 ? more.map((line) => line.replace(/^\((.*)\)$/, '$1')) : ['See cluster-chat --help'];
  return [first, ...cure.map((line) => `  ${line}`), ''].join('\n');
}
