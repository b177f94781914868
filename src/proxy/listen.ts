import type { Server } from 'node:net';
import { AppError, systemCodeOf } from '../core/errors.js';

/** The port that a listening TCP server has. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server that listens has a port');
  return address.port;
}

/**
 * Resolves when the server listens; port 0 takes a free one.
 * @throws AppError `port-taken` when another program listens there, `usage` when the address cannot be listened on
 */
export async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, backlog: 4_096 }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'EADDRINUSE') {
      throw new AppError('port-taken', `Port ${port} of ${host} is taken by another program (EADDRINUSE).`, {
        hint: 'Stop that program or choose another port with --port; 0 takes a free one.',
        cause: thrown,
      });
    }
    throw new AppError('usage', `Cannot listen on ${host}:${port} (${systemCodeOf(thrown) ?? 'unknown reason'}).`, {
      hint: 'Choose an address of this machine and a port above 1023.',
      cause: thrown,
    });
  }
}
