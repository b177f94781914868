import { AppError } from '../core/errors.js';
import type { Disturbance } from '../load/protocol.js';
import type { FaultScene } from './fault.js';

/** Disturbs the clients of a group; one that met nobody did not happen. */
export async function disturbGroup({ clients }: FaultScene, disturbance: Disturbance): Promise<void> {
  const met = (await clients?.disturb(disturbance)) ?? 0;
  if (met === 0) throw new AppError('control-failed', `no client of ${disturbance.group} was connected`);
}
