import type { Fault } from './fault.js';
import { onOption } from './on-option.js';
import type { FaultOptions } from './option.js';

const options = { on: onOption } as const satisfies FaultOptions;

/** Every connection of the link ends with RST, at both ends and with what was on its way; new ones come through. */
export const resetFault: Fault<typeof options> = {
  verb: 'reset',
  description: 'Reset every connection, once',
  target: 'link',
  options,
  killed: false,
  disturbs: true,
  brings: false,
  inject: ({ cluster }, name, { on }) => cluster.resetLink(name, on),
};
