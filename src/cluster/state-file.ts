import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { systemCodeOf } from '../core/errors.js';
import { randomToken } from '../core/random.js';
import type { ProcessIdentity } from './pid.js';
import type { ProjectPlace } from './project.js';

/** What a running cluster leaves for the commands to find. Secret: it holds the control token. */
export interface ClusterState {
  readonly schema: 'cluster-chat/state@1';
  readonly project: string;
  readonly phase: 'starting' | 'ready';
  readonly supervisor: ProcessIdentity;
  readonly processes: readonly (ProcessIdentity & { readonly name: string })[];
  /** Where the verbs are taken; null until the cluster is ready. */
  readonly control: { readonly url: string; readonly token: string } | null;
}

/**
 * Reads a project's state.
 * @returns undefined when there is none, or none that this version understands
 */
export function readState(place: ProjectPlace): ClusterState | undefined {
  const found = findState(place);
  return found === 'unreadable' ? undefined : found;
}

/** Like `readState`, but tells one that this version does not understand from none. */
export function findState(place: ProjectPlace): ClusterState | 'unreadable' | undefined {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(place.stateFile, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return 'unreadable';
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  return isState(value) ? value : 'unreadable';
}

/** Replaces the state; a reader sees the old one or the new one, never half of one. */
export function writeState(place: ProjectPlace, state: ClusterState): void {
  const aside = writeAside(place, state);
  try {
    renameSync(aside, place.stateFile);
  } finally {
    rmSync(aside, { force: true });
  }
}

/**
 * Writes the state unless there is one already.
 * @returns false when there is; of several callers at once only one gets true
 */
export function createState(place: ProjectPlace, state: ClusterState): boolean {
  const aside = writeAside(place, state);
  try {
    // Unlike a rename, a link fails when the name exists.
    linkSync(aside, place.stateFile);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

export function removeState(place: ProjectPlace): void {
  rmSync(place.stateFile, { force: true });
}

function writeAside(place: ProjectPlace, state: ClusterState): string {
  mkdirSync(place.folder, { recursive: true, mode: 0o700 });
  const aside = `${place.stateFile}.${randomToken(4)}`;
  try {
    writeFileSync(aside, JSON.stringify(state), { mode: 0o600 });
  } catch (error) {
    // What a full disk took of it.
    rmSync(aside, { force: true });
    throw error;
  }
  return aside;
}

function isState(value: unknown): value is ClusterState {
  if (typeof value !== 'object' || value === null) return false;
  const fields: Readonly<Record<string, unknown>> = { ...value };
  const { control } = fields;
  const isControl =
    typeof control === 'object' && control !== null && 'url' in control && 'token' in control && isText(control.token);
  return (
    fields['schema'] === 'cluster-chat/state@1' &&
    isIdentity(fields['supervisor']) &&
    Array.isArray(fields['processes']) &&
    fields['processes'].every(isIdentity) &&
    (control === null || isControl)
  );
}

function isIdentity(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('pid' in value) || !('startTime' in value)) return false;
  // A pid of 0 or below would stand for a group, or for everything.
  return Number.isInteger(value.pid) && Number(value.pid) > 1 && isText(value.startTime);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
