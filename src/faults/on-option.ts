/** Which link of a node is meant; one option of every fault that is done to a link. */
export const onOption = {
  type: 'choice',
  description: 'Which link of the node is meant: to its clients and the balancer (the default), or to the broker.',
  values: ['clients', 'broker'],
  default: 'clients',
} as const;
