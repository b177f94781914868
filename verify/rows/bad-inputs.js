import { runSuite } from '../suite.js';

export const title = 'Named bad inputs against the running node and tool, each with its expected answer';

/** The table itself asserts how many there are of each kind. */
const least = 150;

export async function perform() {
  const { passed, failed } = await runSuite(['test/robustness']);
  return {
    figure: `${passed.length} of ${passed.length + failed.length} checks`,
    limit: `all, at least ${least}`,
    ok: failed.length === 0 && passed.length >= least,
    details: failed.slice(0, 10),
  };
}
