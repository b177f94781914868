import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's young generation at the size that it has at the start, 1 MiB for each half. A storm of new
 * connections would otherwise make it grow to 16 or 32 MiB for each half and stay there: with 4,000 idle
 * connections that was more than half of the node's growth (11.9 instead of 5.4 KB a connection, measured),
 * while more frequent but smaller collections cost at most a few percent of a delivery (see bench/).
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
