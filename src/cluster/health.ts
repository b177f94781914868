import { request } from 'node:http';
import { setDeadline } from '../core/clock.js';

/** What a process says of itself; null where it says nothing, as a user's own server may. */
export interface Health {
  /** Whether it would take new clients: a node with its broker, that does not drain. */
  readonly ready: boolean | null;
  readonly connections: number | null;
  readonly messagesPerSecond: number | null;
  readonly cpuPercent: number | null;
  readonly rssBytes: number | null;
  readonly loopDelayMs: number | null;
  readonly unsentBytes: number | null;
}

export const unknownHealth: Health = {
  ready: null,
  connections: null,
  messagesPerSecond: null,
  cpuPercent: null,
  rssBytes: null,
  loopDelayMs: null,
  unsentBytes: null,
};

const maxBodyBytes = 65_536;

/**
 * Asks `GET /health`.
 * @returns undefined when there was no answer within `timeoutMs`; an answer of any status shows that it lives
 */
export function askHealth(host: string, port: number, timeoutMs: number): Promise<Health | undefined> {
  return new Promise((resolve) => {
    // A connection of its own each time: one that was kept would survive a restart of the process half dead.
    const asked = request({ host, port, path: '/health', agent: false, headers: { connection: 'close' } });
    const callOff = setDeadline(timeoutMs, () => finish(undefined));
    const finish = (health: Health | undefined): void => {
      callOff();
      resolve(health);
      asked.destroy();
    };
    asked.on('error', () => finish(undefined));
    asked.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
        if (body.length > maxBodyBytes) finish(unknownHealth);
      });
      response.on('end', () => finish(parseHealth(body)));
      response.on('error', () => finish(undefined));
    });
    asked.end();
  });
}

function parseHealth(body: string): Health {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    // A server that is not ours may answer anything; that it answers is what counts.
    return unknownHealth;
  }
  const fields: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {};
  const { status } = fields;
  const numberOf = (name: Exclude<keyof Health, 'ready'>): number | null => {
    const field = fields[name];
    return typeof field === 'number' && Number.isFinite(field) ? field : null;
  };
  return {
    ready: status === 'ok' ? true : status === 'not-ready' ? false : null,
    connections: numberOf('connections'),
    messagesPerSecond: numberOf('messagesPerSecond'),
    cpuPercent: numberOf('cpuPercent'),
    rssBytes: numberOf('rssBytes'),
    loopDelayMs: numberOf('loopDelayMs'),
    unsentBytes: numberOf('unsentBytes'),
  };
}
