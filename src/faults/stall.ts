import { expectMet } from './expect-met.js';
import type { Fault } from './fault.js';
import type { FaultOptions } from './option.js';

const options = {
  share: {
    type: 'share',
    description: 'With stall: which part of the group, chosen by the seed and at least one; 10% by default.',
    default: 0.1,
  },
} as const satisfies FaultOptions;

/**
 * A share of a group stops reading: what is sent to them fills the buffers on the way and then the server, which must
 * bound it. They still send, heart-beats too. A connection that is lost meanwhile is followed by one that is read.
 */
export const stallFault: Fault<typeof options> = {
  verb: 'stall',
  description: 'Let a share of the clients stop reading',
  target: 'group',
  options,
  endedBy: 'heal',
  killed: false,
  disturbs: true,
  brings: false,
  inject: async ({ clients }, name, { share }) => expectMet(name, await clients?.stall(name, share)),
  async heal({ clients }, name) {
    await clients?.readOn(name);
  },
};
