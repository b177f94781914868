import { expect, test } from 'vitest';
import { JournalRows, type JournalVisitor, readJournalRows } from '../../src/record/journal-rows.js';

const message = { publisher: 0xabcdef, epoch: 7, destination: 0x123456, sequence: 4_294_967_295 };

/** What a reader is told, as one line for each row. */
function told(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  const visitor: JournalVisitor = {
    accepted: (number, { publisher, sequence }) => lines.push(`accepted ${number} ${publisher} ${sequence}`),
    passed: (accepted) => lines.push(`passed ${accepted}`),
    brought: (number, session, { epoch, destination }) =>
      lines.push(`brought ${number} to ${session}: ${epoch} ${destination}`),
    written: (brought, session) => lines.push(`written ${brought} to ${session}`),
    session: (number, id) => lines.push(`session ${number} ${id}`),
    ended: (session, closeCode) => lines.push(`ended ${session} ${closeCode}`),
    complete: (micros) => lines.push(`complete ${micros}`),
    closed: () => lines.push('closed'),
  };
  readJournalRows(bytes, visitor);
  return lines;
}

function everyRow(): { bytes: Uint8Array; lines: string[] } {
  const rows = new JournalRows();
  const session = rows.session('a1-b2-c');
  const accepted = rows.accepted(message);
  rows.passed(accepted);
  const brought = rows.brought(message, session);
  rows.written(brought, session);
  rows.ended(session, 4500);
  rows.complete(9_007_199_254_740_991);
  rows.closed();
  const lines = [
    'session 1 a1-b2-c',
    'accepted 1 11259375 4294967295',
    'passed 1',
    'brought 1 to 1: 7 1193046',
    'written 1 to 1',
    'ended 1 4500',
    'complete 9007199254740991',
    'closed',
  ];
  return { bytes: new Uint8Array(rows.take()), lines };
}

test('Every row is read as it was written', () => {
  const { bytes, lines } = everyRow();
  expect(told(bytes)).toEqual(lines);
});

test('A journal that was cut anywhere is read up to its last whole row', () => {
  const { bytes, lines } = everyRow();
  for (let length = 0; length < bytes.length; length++) {
    const read = told(bytes.subarray(0, length));
    expect(read).toEqual(lines.slice(0, read.length));
    expect(read.length).toBeLessThan(lines.length);
  }
});

test('Numbers go on after what was taken, and thousands of rows grow the buffer', () => {
  const rows = new JournalRows();
  rows.accepted(message);
  rows.take();
  for (let i = 0; i < 5_000; i++) rows.brought(message, 0);
  expect(rows.accepted(message)).toBe(2);
  expect(told(rows.take())).toHaveLength(5_001);
});

test('A file of another kind is refused', () => {
  expect(() => told(Buffer.from('this is no journal'))).toThrow('no rows of kind');
});
