import { AppError } from '../core/errors.js';
import { parseServerUrl, type ServerUrl } from './server-url.js';

export interface RedisAddress {
  readonly server: ServerUrl;
  readonly database: number;
  readonly mode: 'streams' | 'pubsub';
  readonly protocol: 2 | 3;
}

/**
 * `redis://user:password@host:6379/0?mode=pubsub&protocol=2`; everything after the host may be left out.
 * @throws AppError `usage` for what makes no sense
 */
export function parseRedisAddress(url: URL): RedisAddress {
  const server = parseServerUrl(url, {
    plainPort: 6379,
    tlsProtocol: 'rediss:',
    tlsPort: 6379,
    parameters: { mode: ['streams', 'pubsub'], protocol: ['2', '3'] },
  });
  if (!/^\d{0,4}$/.test(server.path)) {
    throw new AppError('usage', `"${server.shown}": after the host comes the number of a database.`, {
      hint: 'Write redis://host:6379/0, or leave the number out.',
    });
  }
  return {
    server,
    database: Number(server.path),
    mode: server.parameters.get('mode') === 'pubsub' ? 'pubsub' : 'streams',
    protocol: server.parameters.get('protocol') === '2' ? 2 : 3,
  };
}
