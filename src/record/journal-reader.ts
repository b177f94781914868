import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readJournalRows } from './journal-rows.js';
import { messageKey, type Sought, type Testimony } from './testimony.js';

interface Draft {
  readonly accepted: number[];
  passed: boolean;
  readonly brought: (number | string)[];
  readonly written: string[];
}

const suffix = '.journal';

/**
 * Reads what the journals in a folder say about the messages and sessions that are sought. A file is one life of one
 * node, `<node>.<token>.journal`. A folder that is not there says nothing.
 * @throws Error for a file that cannot be read, or is none of ours
 */
export async function readJournals(folder: string, nodes: readonly string[], sought: Sought): Promise<Testimony> {
  const names = await readdir(folder).catch(() => []);
  const lives: Testimony['lives'][number][] = [];
  const sessions: Record<string, readonly [number, number | null]> = {};
  const drafts = new Map<string, Draft>();
  for (const name of names.filter((each) => each.endsWith(suffix)).sort()) {
    const node = nodes.indexOf(name.slice(0, name.indexOf('.')));
    if (node < 0) continue;
    const life = lives.length;
    lives.push({ node, ...readLife(await readFile(join(folder, name)), life, sought, { sessions, drafts }) });
  }
  const messages = Object.fromEntries(drafts);
  return { lives, sessions, messages, ...(sought.isCapped === true ? { isCapped: true } : {}) };
}

function readLife(
  bytes: Uint8Array,
  life: number,
  sought: Sought,
  into: { sessions: Record<string, readonly [number, number | null]>; drafts: Map<string, Draft> },
): Omit<Testimony['lives'][number], 'node'> {
  let [completeToMicros, isClosed] = [0, false];
  /** Of the sought ones, by the numbers of this journal. */
  const [accepted, brought, ids] = [new Map<number, Draft>(), new Map<number, Draft>(), new Map<number, string>()];
  const draftOf = (key: string): Draft | undefined => {
    if (!sought.messages.has(key)) return undefined;
    let draft = into.drafts.get(key);
    if (draft === undefined) {
      draft = { accepted: [], passed: false, brought: [], written: [] };
      into.drafts.set(key, draft);
    }
    return draft;
  };
  readJournalRows(bytes, {
    accepted(number, message) {
      const draft = draftOf(messageKey(message));
      if (draft === undefined) return;
      accepted.set(number, draft);
      draft.accepted.push(life);
    },
    passed(number) {
      const draft = accepted.get(number);
      if (draft !== undefined) draft.passed = true;
    },
    brought(number, session, message) {
      const draft = draftOf(messageKey(message));
      if (draft === undefined) return;
      brought.set(number, draft);
      const to = session === 0 ? life : ids.get(session);
      if (to !== undefined) draft.brought.push(to);
    },
    written(number, session) {
      const id = ids.get(session);
      if (id !== undefined) brought.get(number)?.written.push(id);
    },
    session(number, id) {
      if (!sought.sessions.has(id)) return;
      ids.set(number, id);
      into.sessions[id] = [life, null];
    },
    ended(session, closeCode) {
      const id = ids.get(session);
      if (id !== undefined) into.sessions[id] = [life, closeCode];
    },
    complete(micros) {
      completeToMicros = micros;
    },
    closed() {
      isClosed = true;
    },
  });
  return { completeToMicros, isClosed };
}
