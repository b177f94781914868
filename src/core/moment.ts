/**
 * Where in its work with a message a node can be told to die: after the broker confirmed a publish and before its
 * RECEIPT, when the broker brought a message and before anybody got it, and when half of its subscribers have it.
 */
export const moments = ['before-ack', 'before-fan-out', 'mid-fan-out'] as const;
export type Moment = (typeof moments)[number];
