import { AppError } from '../core/errors.js';
import { parseDuration, parseSize } from '../core/quantity.js';
import type { ServerLimits } from '../server/limits.js';

function limitValue(name: string, text: string): number | undefined {
  if (name.endsWith('Bytes')) return parseSize(text);
  if (name.endsWith('Ms')) return parseDuration(text);
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function kindOf(name: string): string {
  if (name.endsWith('Bytes')) return 'a size such as 64KB';
  return name.endsWith('Ms') ? 'a duration such as 10s' : 'a whole number';
}

/**
 * Applies `--limit name=value` flags.
 * @throws AppError `usage` for a limit that does not exist or a value without its unit
 */
export function overrideLimits(defaults: ServerLimits, flags: readonly string[]): ServerLimits {
  const limits: Record<string, number> = { ...defaults };
  for (const flag of flags) {
    const at = flag.indexOf('=');
    const name = at < 0 ? flag : flag.slice(0, at);
    if (!Object.hasOwn(limits, name)) {
      throw new AppError('usage', `There is no limit called ${name}.`, {
        hint: `Limits: ${Object.keys(defaults).join(', ')}`,
      });
    }
    const value = at < 0 ? undefined : limitValue(name, flag.slice(at + 1));
    if (value === undefined) {
      throw new AppError('usage', `--limit ${flag} needs ${kindOf(name)}.`, { hint: `For example --limit ${name}=…` });
    }
    limits[name] = value;
  }
  return { ...defaults, ...limits };
}
