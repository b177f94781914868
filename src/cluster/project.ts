import { join } from 'node:path';
import { AppError } from '../core/errors.js';

/** Where a project keeps what belongs to its running cluster. */
export interface ProjectPlace {
  readonly project: string;
  readonly folder: string;
  readonly stateFile: string;
  readonly logFolder: string;
  /** Output of a supervisor in the background. */
  readonly supervisorLog: string;
}

/**
 * The place of a project below a working directory.
 * @throws AppError `usage` for a name that is not 1 to 64 of a-z, 0-9 and "-": it becomes part of a path
 */
export function placeOf(cwd: string, project: string): ProjectPlace {
  if (!/^[a-z0-9-]{1,64}$/.test(project)) {
    throw new AppError('usage', `"${project}" is no name for a project`, { hint: 'Use 1 to 64 of a-z, 0-9 and "-".' });
  }
  const folder = join(cwd, '.cluster-chat', 'projects', project);
  return {
    project,
    folder,
    stateFile: join(folder, 'state.json'),
    logFolder: join(folder, 'logs'),
    supervisorLog: join(folder, 'supervisor.log'),
  };
}
