import { join } from 'node:path';
import { docComments } from './doc-comments.js';
import { code, page, table } from './markdown.js';

/** What the command ends with, and which errors lead there. */
export function exitCodesPage({ errorTable, exitCode }, root) {
  const meanings = docComments(join(root, 'src/core/exit-code.ts'), 'exitCode');
  const rows = Object.entries(exitCode).map(([name, number]) => {
    const errors = Object.keys(errorTable).filter((error) => errorTable[error].exitCode === number);
    return [number, name, meanings.get(name), errors.map(code).join(', ')];
  });
  return page(
    'Exit codes',
    'A contract with scripts and CI: a code keeps its meaning. A finished verdict wins over a signal.',
    table(['code', 'name', 'meaning', '[errors](errors.md)'], rows),
  );
}
