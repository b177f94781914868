import { deliveryMutations } from './delivery-mutations.js';
import type { Mutation } from './mutation.js';
import { publishMutations } from './publish-mutations.js';
import { strayMutations } from './stray-mutations.js';
import { windowMutations } from './window-mutations.js';

/** Every way in which a history is changed. */
export const mutations: readonly Mutation[] = [
  ...deliveryMutations,
  ...strayMutations,
  ...publishMutations,
  ...windowMutations,
];
