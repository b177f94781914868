import { unreachable } from '../../core/errors.js';
import type { Toxic } from '../toxic.js';
import { type BandwidthSpec, bandwidth } from './bandwidth.js';
import { type BlackholeSpec, blackhole } from './blackhole.js';
import { type LatencySpec, latency } from './latency.js';
import { type SliceSpec, slice } from './slice.js';

/** A toxic as data, which can be told to another process. */
export type ToxicSpec = LatencySpec | BandwidthSpec | SliceSpec | BlackholeSpec;

export function toxicOf(spec: ToxicSpec): Toxic {
  switch (spec.type) {
    case 'latency':
      return latency(spec);
    case 'bandwidth':
      return bandwidth(spec);
    case 'slice':
      return slice(spec);
    case 'blackhole':
      return blackhole(spec);
    default:
      return unreachable(spec);
  }
}
