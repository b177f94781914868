import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BrokerServer, openBrokerServer } from '../../../src/server/broker-server.js';
import { brokerServerLimits } from '../../../src/server/limits.js';

/** A Python that has stomp.py; the distribution's own may be another than the first in PATH. */
const python = ['python3', '/usr/bin/python3'].find((name) => spawnSync(name, ['-c', 'import stomp']).status === 0);
const isRequired = process.env['CLUSTER_CHAT_REQUIRE_SERVICES'] === '1';
if (python === undefined && !isRequired) {
  process.stderr.write(
    'SKIPPED: stomp.py is missing, so it is not tested against. Install it: apt install python3-stomp\n',
  );
}

describe.skipIf(python === undefined && !isRequired)('stomp.py', () => {
  let broker: BrokerServer;
  beforeEach(async () => {
    broker = await openBrokerServer({
      version: '0.0.0',
      host: '127.0.0.1',
      port: 0,
      credential: undefined,
      trustsMessageIds: false,
      limits: { ...brokerServerLimits, heartbeatMs: 300 },
    });
  });
  afterEach(() => broker[Symbol.asyncDispose]());

  for (const version of ['1.0', '1.1', '1.2']) {
    test(`in ${version} subscribes, sends, acknowledges, commits, beats and disconnects over TCP`, async () => {
      if (python === undefined) throw new Error('stomp.py is required and missing: apt install python3-stomp');
      const script = join(import.meta.dirname, 'stomp_py_client.py');
      const { stdout } = await promisify(execFile)(python, [script, String(broker.port), version]);
      const seen = JSON.parse(stdout);
      expect(seen.errors).toEqual([]);
      const again = version === '1.0' ? [] : ['work true'];
      expect(seen.bodies).toEqual(['committed false', 'grüße false', 'work false', ...again]);
      expect([...seen.receipts].sort()).toEqual(['bye', 'sent', 'sub', 'work']);
    });
  }
});
