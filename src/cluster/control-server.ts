import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { constants } from 'node:os';
import { AppError, messageOf } from '../core/errors.js';
import { randomToken } from '../core/random.js';
import type { Cluster } from './cluster.js';
import { type ControlRequest, controlVerbs } from './control-protocol.js';

const host = '127.0.0.1';
const maxBodyBytes = 65_536;

/**
 * Takes the verbs of other commands on a port of this host. Only who can read the state file knows the token;
 * requests under another name than ours are refused, so that no web page reaches it through a name of its own.
 */
export class ControlServer implements AsyncDisposable {
  readonly token = randomToken(32);
  readonly #cluster: Cluster;
  readonly #server: Server;

  static async open(cluster: Cluster): Promise<ControlServer> {
    const control = new ControlServer(cluster);
    control.#server.listen({ host, port: 0 });
    await once(control.#server, 'listening');
    return control;
  }

  private constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  get url(): string {
    const address = this.#server.address();
    return `http://${host}:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers.host !== new URL(this.url).host) return reply(response, 421, { error: 'wrong host' });
    if (!this.#knowsToken(request.headers.authorization)) return reply(response, 401, { error: 'wrong token' });
    if (request.method !== 'POST' || request.url !== '/v1') return reply(response, 404, { error: 'no such address' });
    try {
      reply(response, 200, await this.#carryOut(parseRequest(await readBody(request))));
    } catch (error) {
      const failure = error instanceof AppError ? error : new AppError('control-failed', messageOf(error));
      reply(response, 409, { code: failure.code, message: failure.message, hint: failure.hint });
    }
  }

  async #carryOut(asked: ControlRequest): Promise<unknown> {
    if (asked.verb === 'status') return this.#cluster.status();
    if (asked.verb === 'kill') return this.#cluster.kill(asked.name, asked.signal);
    await this.#cluster[asked.verb](asked.name);
    return {};
  }

  #knowsToken(given: string | undefined): boolean {
    // Digests have one length, which is what the comparison needs; its time says nothing about the token.
    return given !== undefined && timingSafeEqual(digest(given), digest(`Bearer ${this.token}`));
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  request.setEncoding('utf8');
  for await (const text of request) {
    body += text;
    if (body.length > maxBodyBytes) throw new AppError('usage', 'the request is too large');
  }
  return body;
}

function parseRequest(body: string): ControlRequest {
  const value: unknown = JSON.parse(body);
  const fields: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {};
  const { name, signal } = fields;
  if (fields['verb'] === 'status') return { verb: 'status' };
  const verb = controlVerbs.find((one) => one === fields['verb']);
  if (verb === undefined || typeof name !== 'string') throw new AppError('usage', 'no such request');
  if (verb !== 'kill') return { verb, name };
  if (!isSignal(signal)) throw new AppError('usage', `no such signal: ${String(signal)}`, { hint: 'Try SIGTERM.' });
  return { verb, name, signal };
}

function isSignal(value: unknown): value is NodeJS.Signals {
  return typeof value === 'string' && Object.hasOwn(constants.signals, value);
}
