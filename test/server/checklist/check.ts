import { test } from 'vitest';
import type { ServerLimits } from '../../../src/server/limits.js';
import { Peer, type TransportKind } from './peer.js';
import { rules } from './rules.js';

const transports: readonly TransportKind[] = ['websocket', 'tcp'];

/** What the server of a rule's test is opened with, beyond the defaults. */
export interface ServerOptions {
  readonly limits?: Partial<ServerLimits>;
  readonly credential?: { readonly login: string; readonly passcode: string };
}

/** Tests one rule over each transport in each version that it binds. */
export function check(id: string, body: (peer: Peer) => Promise<void>, options: ServerOptions = {}): void {
  const rule = rules.find((one) => one.id === id);
  if (rule === undefined) throw new Error(`there is no rule ${id}`);
  for (const transport of transports) {
    for (const version of rule.versions) {
      test(`${id}: ${rule.rule} (${version} over ${transport})`, async () => {
        await using peer = await Peer.open(transport, version, options.limits, options.credential);
        await body(peer);
      });
    }
  }
}
