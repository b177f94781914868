import { sleep } from '../core/clock.js';
import type { JournalFolder } from '../record/journal-folder.js';
import type { Ledger, Settlement } from '../record/ledger.js';
import type { Testimony } from '../record/testimony.js';

/** Until when nodes that live have written down what happened before: twice the interval of their journals. */
const journalDelayMs = 200;

/** Asks the nodes' journals about what is missing at the end of a run; undefined when nothing is. */
export async function hearNodes(
  ledger: Ledger,
  settlement: Settlement,
  nodes: readonly string[],
  journals: JournalFolder,
): Promise<Testimony | undefined> {
  const sought = ledger.seek(settlement);
  if (sought.messages.size === 0) return undefined;
  await sleep(journalDelayMs);
  return journals.read(nodes, sought);
}
