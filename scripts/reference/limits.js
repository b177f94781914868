import { join } from 'node:path';
import { docComments } from './doc-comments.js';
import { code, page, table } from './markdown.js';

/** What one node and the embedded broker bear. */
export function limitsPage({ brokerServerLimits, defaultServerLimits }, root) {
  const meanings = new Map([
    ...docComments(join(root, 'src/stomp/limits.ts'), 'CodecLimits'),
    ...docComments(join(root, 'src/server/limits.ts'), 'ServerLimits'),
  ]);
  const rows = [...meanings].map(([name, meaning]) => [
    code(name),
    limitText(name, defaultServerLimits[name]),
    limitText(name, brokerServerLimits[name]),
    meaning,
  ]);
  return page(
    'Limits',
    'Everything that can grow has a limit. `cluster-chat node` takes another value with ' +
      '`--limit name=value`, as often as needed: sizes and times with their unit (`--limit maxBodyBytes=1MB`, ' +
      '`--limit connectTimeoutMs=5s`), numbers without. The sessions of the broker are nodes, each carrying the work ' +
      'of thousands of clients; hence its greater limits.',
    table(['limit', 'node', 'broker', 'meaning'], rows),
  );
}

function limitText(name, value) {
  if (!Number.isFinite(value)) return 'none';
  if (name.endsWith('Ms')) return value % 1000 === 0 ? `${value / 1000}s` : `${value}ms`;
  if (!name.endsWith('Bytes')) return value.toLocaleString('en-US');
  if (value % 1_048_576 === 0) return `${value / 1_048_576}MB`;
  return value % 1024 === 0 ? `${value / 1024}KB` : `${value}B`;
}
