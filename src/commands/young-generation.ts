import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's young generation at the size that it has at the start, 1 MiB for each half. A storm of new
 * connections would otherwise make it grow to 16 or 32 MiB for each half and stay there: with 4,000 idle
 * connections that was more than half of a node's growth (11.7 instead of 5.1 KB a connection, measured), and
 * half of a worker's; and the process that leads a run would look as if it leaked. More frequent but smaller collections cost a few percent of a delivery at most (see bench/).
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
