import { request } from 'node:http';
import { AppError, type ErrorCode, errorTable, messageOf } from '../core/errors.js';
import type { ProcessStatus } from '../record/snapshot.js';
import type { KillOutcome } from './cluster.js';
import type { ControlRequest, ControlVerb } from './control-protocol.js';
import { isAlive } from './pid.js';
import { placeOf } from './project.js';
import { readState } from './state-file.js';

/** Longer than the longest verb: a restart with its drain and its start. */
const answerTimeoutMs = 45_000;

/** A cluster that another process supervises. Its verbs promise what those of `Cluster` promise. */
export interface RemoteCluster {
  readonly project: string;
  status(): Promise<ProcessStatus[]>;
  kill(name: string, signal: string): Promise<KillOutcome>;
  operate(verb: Exclude<ControlVerb, 'kill'>, name: string): Promise<void>;
}

/**
 * Finds the running cluster of a project.
 * @throws AppError `no-cluster` when there is none, or none that is ready
 */
export function findCluster(cwd: string, project: string): RemoteCluster {
  const state = readState(placeOf(cwd, project));
  if (state === undefined || !isAlive(state.supervisor)) throw noCluster(project);
  const { control } = state;
  if (control === null) {
    throw new AppError('no-cluster', `the cluster of the project "${project}" is still starting`, {
      hint: 'Try again in a second.',
    });
  }
  const ask = (asked: ControlRequest | { verb: 'kill'; name: string; signal: string }): Promise<unknown> =>
    call(control.url, control.token, JSON.stringify(asked));
  return {
    project,
    // Both ends are of one version: the state file names its schema.
    status: async () => (await ask({ verb: 'status' })) as ProcessStatus[],
    kill: async (name, signal) => (await ask({ verb: 'kill', name, signal })) as KillOutcome,
    operate: async (verb, name) => {
      await ask({ verb, name });
    },
  };
}

/** The error of every command that needs a running cluster and finds none. */
export function noCluster(project: string): AppError {
  const option = project === 'default' ? '' : ` -p ${project}`;
  return new AppError('no-cluster', `no cluster of the project "${project}" is running here`, {
    hint: `Start one with "cluster-chat up -d${option}", from the same folder.`,
  });
}

async function call(url: string, token: string, body: string): Promise<unknown> {
  const { status, text } = await post(url, token, body);
  const answer: unknown = JSON.parse(text);
  if (status === 200) return answer;
  const fields: Readonly<Record<string, unknown>> = typeof answer === 'object' && answer !== null ? { ...answer } : {};
  const { code, message, hint } = fields;
  const isKnown = (value: unknown): value is ErrorCode => typeof value === 'string' && Object.hasOwn(errorTable, value);
  const options = typeof hint === 'string' ? { hint } : {};
  throw new AppError(isKnown(code) ? code : 'control-failed', String(message ?? `HTTP ${status}`), options);
}

function post(url: string, token: string, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown): void => {
      asked.destroy();
      const hint = 'See "cluster-chat logs", or end it with "cluster-chat down".';
      reject(new AppError('control-failed', `the supervisor of the cluster ${why}`, { hint, cause }));
    };
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const asked = request(`${url}/v1`, { method: 'POST', agent: false, headers });
    const timer = setTimeout(() => fail('does not answer'), answerTimeoutMs);
    asked.on('close', () => clearTimeout(timer));
    asked.on('error', (error) => fail(`cannot be reached: ${messageOf(error)}`, error));
    asked.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('error', (error) => fail('broke off its answer', error));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.end(body);
  });
}
