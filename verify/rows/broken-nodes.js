import { runSuite } from '../suite.js';

export const title = 'Nodes with one deliberate fault each, caught by shipped scenarios with the right cause';

/** Of the ledger's list; more have been added since. */
const least = 12;
const isOfTable = (name) => name.startsWith('a node with the fault ');

export async function perform() {
  const { passed, failed } = await runSuite(['test/end-to-end/broken-node.test.ts']);
  const caught = passed.filter(isOfTable).length;
  return {
    figure: `${caught} of ${caught + failed.filter(isOfTable).length}`,
    limit: `all, at least ${least}`,
    ok: failed.length === 0 && caught >= least,
    details: failed.slice(0, 5),
  };
}
