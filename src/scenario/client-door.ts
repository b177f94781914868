import type { ClientDoor } from '../faults/fault.js';
import type { Workers } from '../load/gather.js';

/** The way of faults to a run's clients, who may not be there yet. */
export function clientDoorOf(workers: () => Workers | undefined): ClientDoor {
  const disturb: Workers['disturb'] = async (disturbance) => (await workers()?.disturb(disturbance)) ?? 0;
  return {
    storm: (group) => disturb({ type: 'storm', group }),
    stall: (group, share) => disturb({ type: 'stall', group, share }),
    readOn: async (group) => {
      try {
        return await disturb({ type: 'read-on', group });
      } catch (error) {
        // The clients of a worker that has died are gone, which is told; all others have heard it.
        if (workers()?.failure() === undefined) throw error;
        return 0;
      }
    },
  };
}
