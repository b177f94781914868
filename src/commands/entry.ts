import type { Command } from 'commander';
import type { ExitCode } from '../core/exit-code.js';
import type { CommandContext } from './context.js';

/** Carries out one command. Rejects with an `AppError` for everything a user can mend. */
export type Run<Options> = (options: Options, context: CommandContext) => Promise<ExitCode>;

/** A command as the program knows it: words for the help, and how to reach the code behind them. */
export interface CommandEntry {
  readonly name: string;
  /** Adds the command to the program; `done` receives the exit code when it was carried out. */
  attach(program: Command, context: CommandContext, done: (code: ExitCode) => void): void;
}

export interface CommandWords<Options> {
  /** The command's name followed by its arguments, in commander's notation: `kill <node>`. */
  readonly usage: string;
  readonly summary: string;
  /** The heading under which the help lists it. */
  readonly group: string;
  /** Declares options. Their names in camel case, with those of the arguments, are the keys of `Options`. */
  readonly declare?: (command: Command) => Command;
  /** Text after the options in the command's help. */
  readonly examples?: string;
  /**
   * Loads the code on demand, so that `--help` does not pay for what it does not use. A command
   * without it is not offered: a word that cannot be carried out must not be in the help.
   */
  readonly load?: () => Promise<Run<Options>>;
}

/** Makes an entry; the caller answers for `declare` and `Options` saying the same. */
export function defineCommand<Options extends object>(words: CommandWords<Options>): CommandEntry {
  const [name = words.usage] = words.usage.split(' ');
  return {
    name,
    attach(program, context, done) {
      const load = words.load;
      if (load === undefined) return;
      const command = program.command(words.usage).description(words.summary).helpGroup(words.group);
      words.declare?.(command);
      if (words.examples !== undefined) command.addHelpText('after', `\nExamples:\n${indent(words.examples)}`);
      command.action(async () => {
        const run = await load();
        done(await run({ ...argumentsOf(command), ...command.opts<Options>() }, context));
      });
    },
  };
}

function argumentsOf(command: Command): Record<string, unknown> {
  const values: unknown[] = command.processedArgs;
  return Object.fromEntries(
    command.registeredArguments.map((argument, index) => [camelCase(argument.name()), values[index]]),
  );
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
