import { InvalidArgumentError, Option } from 'commander';
import { AppError } from '../core/errors.js';
import { parseDuration } from '../core/quantity.js';

/** An argument parser for whole numbers within bounds, both included. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
    return value;
  };
}

/** A TCP port; 0 stands for any free one. */
export const portNumber = wholeNumber(0, 65_535);

/** A duration with its unit, in milliseconds. */
export function durationMs(text: string): number {
  const value = parseDuration(text);
  if (value === undefined) throw new InvalidArgumentError('Give a number with its unit: 500ms, 30s, 5m.');
  return value;
}

/** An argument parser for durations within bounds, both included and written as a user writes them; in milliseconds. */
function durationBetween(shortest: string, longest: string): (text: string) => number {
  const [min, max] = [durationMs(shortest), durationMs(longest)];
  return (text) => {
    const value = durationMs(text);
    if (value < min || value > max) throw new InvalidArgumentError(`Give a duration from ${shortest} to ${longest}.`);
    return value;
  };
}

/** `--history`, for the embedded broker of a cluster and for one alone: in milliseconds, five minutes when undefined. */
export function historyOption(): Option {
  const meaning = 'how long the embedded broker keeps messages for those who come back (5m unless told otherwise)';
  return new Option('--history <duration>', meaning).argParser(durationBetween('1s', '168h'));
}

/** Gathers the values of an option that may be given more than once. */
export function gather(text: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, text];
}

/** The address of a node as `host:port`, an IPv6 host in brackets. @throws AppError `usage` for anything else */
export function parseAddress(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host !== undefined && port > 0 && port < 65_536) return { host, port };
  throw new AppError('usage', `"${text}" is not the address of a node.`, {
    hint: 'Write host:port, such as 127.0.0.1:7101 or [::1]:7101.',
  });
}

/** A name for a project or node: it becomes part of file names. */
export function plainName(text: string): string {
  if (!/^[a-z0-9-]{1,64}$/.test(text)) throw new InvalidArgumentError('Use 1 to 64 of a-z, 0-9 and "-".');
  return text;
}

/** `-p`, the same for every command that speaks to a running cluster. */
export function projectOption(): Option {
  return new Option('-p, --project <name>', 'which cluster, when several run side by side')
    .default('default')
    .argParser(plainName);
}

/** `--sessions`, for the nodes of a cluster and for a node alone. */
export function sessionsOption(): Option {
  return new Option('--sessions <store>', 'where HTTP sessions live: memory, or redis://host:port');
}

/** `--json`, for programs that read the output. */
export function jsonOption(): Option {
  return new Option('--json', 'print JSON').default(false);
}
