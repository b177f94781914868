import { expectMet } from './expect-met.js';
import type { Fault } from './fault.js';

/**
 * Every client of a group loses its connection and opens the next one at once, without the pause that its profile
 * wants: what a server sees when the network in front of it comes back. Attempts that fail go on as the profile says.
 */
export const stormFault: Fault = {
  verb: 'storm',
  description: 'Let all clients lose their connections and reconnect at once',
  target: 'group',
  options: {},
  killed: false,
  disturbs: true,
  brings: false,
  inject: async ({ clients }, name) => expectMet(name, await clients?.storm(name)),
};
