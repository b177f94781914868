import { findFaketime } from '../../src/cluster/wall-clocks.js';

/** Like `requireService`, for a library: it is looked for where the product looks for it. */
export function requireFaketime(): boolean {
  try {
    return findFaketime() !== '';
  } catch (error) {
    if (process.env['CLUSTER_CHAT_REQUIRE_SERVICES'] === '1') throw error;
    process.stderr.write('SKIPPED: libfaketime is not installed. Install it with: apt-get install libfaketime\n');
    return false;
  }
}
