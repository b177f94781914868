/** Milliseconds in each unit of time that a user may write. */
const durationUnits: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
/** Bytes in each unit of size that a user may write; powers of 1,024, as in `ulimit` and RabbitMQ. */
const sizeUnits: Readonly<Record<string, number>> = { B: 1, KB: 1024, KiB: 1024, MB: 1_048_576, MiB: 1_048_576 };

function parseQuantity(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(text.trim());
  const factor = match?.[2] === undefined ? undefined : Object.hasOwn(units, match[2]) ? units[match[2]] : undefined;
  return match?.[1] === undefined || factor === undefined ? undefined : Number(match[1]) * factor;
}

/** Milliseconds of `250ms`, `5s`, `1.5m`, `2h`, `800us`; undefined when the unit is missing or unknown. */
export function parseDuration(text: string): number | undefined {
  return parseQuantity(text, durationUnits);
}

/** Bytes of `200B`, `64KB`, `1MiB`; undefined when the unit is missing or unknown. */
export function parseSize(text: string): number | undefined {
  return parseQuantity(text, sizeUnits);
}

/** A duration for people: `0.3ms`, `41.8ms`, `3.41s`, `2m 05s`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return 'n/a';
  if (ms < 10) return `${ms.toFixed(ms < 1 ? 2 : 1)}ms`;
  if (ms < 1000) return `${ms.toFixed(ms < 100 ? 1 : 0)}ms`;
  if (ms < 100_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)}s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, '0')}s`;
}

/** A size for people: `512 B`, `64.0 KiB`, `12.3 MiB`. */
export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1_048_576) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${(bytes / 1_048_576).toFixed(1)} MiB`;
}

/** A whole number with thousands separated: `120,000`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}
