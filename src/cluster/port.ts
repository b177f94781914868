import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { systemCodeOf } from '../core/errors.js';
import { createRandom, randomSeed } from '../core/random.js';

const connectTimeoutMs = 250;
const lowestPort = 10_240;
/** Where Linux begins to number outgoing connections unless told otherwise; others begin above. */
const usualEphemeralStart = 32_768;
const maxTries = 50;
/** Given out by this process: whoever got one may not listen on it yet, or want it back. */
const given = new Set<number>();

/** Whether a server could listen there now. */
export function isPortFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      const code = systemCodeOf(error);
      if (code === 'EADDRINUSE' || code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Whether nobody listens there any more. */
export function refusesConnections(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const finish = (refuses: boolean): void => {
      socket.destroy();
      resolve(refuses);
    };
    socket.setTimeout(connectTimeoutMs, () => finish(false));
    socket.once('connect', () => finish(false));
    socket.once('error', (error) => finish(systemCodeOf(error) === 'ECONNREFUSED'));
  });
}

/**
 * A free port below those that the system gives to outgoing connections. A process that is killed wants its
 * port back when it starts again; from the system's own range one of thousands of reconnecting clients may have
 * got it meanwhile, and then it cannot be listened on. No number is given out twice.
 * @returns 0, the system's choice, when that range begins too low to stay below it
 */
export async function findFreePort(host: string): Promise<number> {
  const start = ephemeralStart();
  if (start <= lowestPort + maxTries) return 0;
  const random = createRandom(randomSeed());
  for (let tried = 0; tried < maxTries; tried++) {
    const port = lowestPort + random.int(start - lowestPort);
    if (given.has(port) || !(await isPortFree(host, port)) || given.has(port)) continue;
    given.add(port);
    return port;
  }
  return 0;
}

/** Like `findFreePort`, for a program that must be told a number. */
export async function findPort(host: string): Promise<number> {
  const port = await findFreePort(host);
  return port === 0 ? systemPort(host) : port;
}

function systemPort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port: 0, exclusive: true }, () => {
      const address = server.address();
      const port = address === null || typeof address === 'string' ? 0 : address.port;
      server.close(() => resolve(port));
    });
  });
}

function ephemeralStart(): number {
  try {
    const first = Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/)[0]);
    return Number.isInteger(first) ? Math.min(first, usualEphemeralStart) : usualEphemeralStart;
  } catch {
    // No Linux.
    return usualEphemeralStart;
  }
}
