import type { CommandContext } from './context.js';

/** What an output of the command can show. */
export interface TerminalAbilities {
  readonly color: boolean;
  readonly unicode: boolean;
  /** Whether pictures can be redrawn and keys read. CI terminals keep every frame for ever: none there. */
  readonly interactive: boolean;
}

/** Judged from the environment by the customs of the field: `NO_COLOR` (no-color.org), the locale variables, `CI`. */
export function terminalAbilities(context: CommandContext): TerminalAbilities {
  const { env, isTTY } = context;
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'];
  return {
    color: isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
    // Without a locale nothing is known of a terminal; a pipe or file is read by programs that take UTF-8.
    unicode: locale === undefined || locale === '' ? !isTTY || env['TERM'] !== 'linux' : /utf-?8/i.test(locale),
    interactive: isTTY && !env['CI'] && env['TERM'] !== 'dumb',
  };
}
