import { readFile } from 'node:fs/promises';
import { AppError, messageOf, systemCodeOf } from '../core/errors.js';

/**
 * A JSON document that we wrote; undefined when there is none. Its shape is believed once its schema is the right one.
 * @throws AppError `results-unreadable` for anything else
 */
export async function readDocument<Document extends { readonly schema: string }>(
  path: string,
  schema: Document['schema'],
): Promise<Document | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT' || systemCodeOf(error) === 'ENOTDIR') return undefined;
    throw unreadable(path, messageOf(error));
  }
  let document: Document | null;
  try {
    document = JSON.parse(text);
  } catch {
    throw unreadable(path, 'it is no JSON, or only a part of one');
  }
  if (document?.schema === schema) return document;
  throw unreadable(path, `its schema is ${String(document?.schema)}, not ${schema}`);
}

function unreadable(path: string, why: string): AppError {
  return new AppError('results-unreadable', `${path} cannot be used: ${why}.`, {
    hint: 'Read it with the version that wrote it, or run the scenario again.',
  });
}
