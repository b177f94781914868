import { code, page, table } from './markdown.js';

/** Every failure that a user can meet. */
export function errorsPage({ errorTable }) {
  const rows = Object.entries(errorTable).map(([name, { exitCode, meaning }]) => [code(name), exitCode, meaning]);
  return page(
    'Errors',
    'A failure is printed on stderr as `error: …`, with what can be done about it indented below. The library throws ' +
      'it as an `AppError` with this `code`; the command ends with the exit code, see [exit codes](exit-codes.md).',
    table(['code', 'exit code', 'meaning'], rows),
  );
}
