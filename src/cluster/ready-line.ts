/** What a process says when it can be used: one line of JSON on stdout. */
export interface ReadyLine {
  readonly name: string;
  /** Where it listens; null for a process that listens nowhere. */
  readonly port: number | null;
  readonly url: string | null;
  /** Where it answers `GET /health`: `http` of the line, else its port if it speaks HTTP there; null for nowhere. */
  readonly healthPort: number | null;
}

/**
 * Reads a line such as `{"ready":true,"name":"node-1","port":7101,"url":"ws://127.0.0.1:7101/ws"}`.
 * @returns undefined for every other line, which is ordinary output
 */
export function parseReadyLine(line: string): ReadyLine | undefined {
  // Almost every line is ordinary output; do not parse all of it.
  if (!line.startsWith('{') || !line.includes('"ready"')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // A log line that looks like JSON but is not: ordinary output.
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const fields: Readonly<Record<string, unknown>> = { ...value };
  if (fields['ready'] !== true || typeof fields['name'] !== 'string') return undefined;
  const port = portOf(fields['port']);
  const url = typeof fields['url'] === 'string' ? fields['url'] : null;
  const speaksHttp = url !== null && /^(ws|http)s?:/.test(url);
  return { name: fields['name'], port, url, healthPort: portOf(fields['http']) ?? (speaksHttp ? port : null) };
}

function portOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536 ? value : null;
}
