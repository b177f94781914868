import type { Cluster } from '../cluster/cluster.js';
import { nowMs, sleep } from '../core/clock.js';
import type { JournalFolder } from '../record/journal-folder.js';
import type { Ledger, Settlement } from '../record/ledger.js';
import type { Testimony } from '../record/testimony.js';

/** Nodes write their journals ten times a second; one that a busy machine keeps from running does so later. */
const journalsTimeoutMs = 5_000;
const readEveryMs = 200;

/** The nodes of a run and where they keep their journals. */
export interface Witnesses {
  readonly cluster: Cluster;
  /** Names in the order of the plan. */
  readonly nodes: readonly string[];
  readonly journals: JournalFolder;
}

/**
 * Asks the nodes' journals about what is missing at the end of a run; undefined when nothing is. Waits until those who
 * run have written down all that happened before that end: what does not stand in a journal proves nothing until then.
 */
export async function hearNodes(
  ledger: Ledger,
  settlement: Settlement,
  { cluster, nodes, journals }: Witnesses,
): Promise<Testimony | undefined> {
  const sought = ledger.seek(settlement);
  if (sought.messages.size === 0) return undefined;
  const running = await runningNodes(cluster);
  const deadlineMs = nowMs() + journalsTimeoutMs;
  for (;;) {
    await sleep(readEveryMs);
    const testimony = await journals.read(nodes, sought);
    const isBehind = (name: string): boolean => {
      const lives = testimony.lives.filter(({ node }) => nodes[node] === name);
      // Programs that are not ours keep none.
      return lives.length > 0 && lives.every(({ completeToMicros }) => completeToMicros < settlement.nowMicros);
    };
    if (!running.some(isBehind) || nowMs() >= deadlineMs) return testimony;
  }
}

async function runningNodes(cluster: Cluster): Promise<string[]> {
  const processes = await cluster.status();
  const running = processes.filter(({ role, state }) => role === 'node' && (state === 'up' || state === 'hung'));
  return running.map(({ name }) => name).filter((name) => !cluster.isPaused(name));
}
