import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { isPortTaken } from '../../src/cluster/crash-report.js';
import { Place } from '../end-to-end/place.js';

// Who finds a free port may lose it before it listens there; the supervisor takes another only if it hears of that.
test.each([['node'], ['broker'], ['balancer', '127.0.0.1:9']])(
  'a %s says of a port that is taken what its supervisor understands',
  async (...words) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const place = new Place();
    onTestFinished(() => place.remove());
    const { port } = server.address() as AddressInfo;
    const { code, stderr } = await place.run(...words, '--port', String(port));
    expect(code).toBe(4);
    expect(stderr).toContain(`Port ${port} o`);
    expect(isPortTaken(stderr.split('\n'))).toBe(true);
  },
);
