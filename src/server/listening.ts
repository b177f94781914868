import type { AddressInfo, Server } from 'node:net';
import { AppError, systemCodeOf } from '../core/errors.js';

/** Listens and resolves with the real port. Rejects with `port-taken` or what the system says, and the cure. */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    // Stays for good: later errors mean that one connection could not be accepted (no descriptor left); its
    // client sees that, and the server goes on.
    server.on('error', (error) => {
      const code = systemCodeOf(error);
      if (code === 'EADDRINUSE') {
        const hint = 'Stop the program that listens there, or choose another port; 0 takes any free one.';
        return reject(
          new AppError('port-taken', `Port ${port} on ${host} is taken (EADDRINUSE).`, { hint, cause: error }),
        );
      }
      const hint =
        code === 'EACCES'
          ? 'Ports below 1024 need special rights; choose a higher one.'
          : 'Choose another --host or --port.';
      reject(new AppError('port-taken', `Cannot listen on ${host}:${port}: ${error.message}.`, { hint, cause: error }));
    });
    // A reconnect storm fills a short queue of half-open connections and costs each of its clients a second.
    server.listen({ host, port, backlog: 4_096 }, () => resolve((server.address() as AddressInfo).port));
  });
}
