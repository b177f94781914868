import type { CodecLimits } from '../stomp/limits.js';

/**
 * What passes between a node and the embedded broker, the same in both directions. More than any node
 * takes from a client: the node adds headers of its own, and escaping can double what a 1.0 client
 * wrote plain. A message that a node took and the broker refused would cut the connection at every
 * attempt to send it again.
 */
export const linkLimits: CodecLimits = {
  maxCommandBytes: 32,
  maxHeaders: 2_048,
  maxHeaderLineBytes: 512 * 1024,
  maxHeaderBlockBytes: 1_048_576,
  maxBodyBytes: 16 * 1_048_576,
};
