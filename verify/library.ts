// What the checks use of src/ and test/. scripts/import-bundled.js bundles this file and imports the result.

export { createRandom } from '../src/core/random.js';
export { runWithClocks } from '../test/end-to-end/clocks.js';
export { performFreeze, quantile } from '../test/end-to-end/freeze.js';
export { Place, set } from '../test/end-to-end/place.js';
export { interruptRun, killSupervisor, longestMs } from '../test/end-to-end/sudden-ends.js';
export { runMutations } from '../test/record/mutation-run.js';
export { keptRecordings, readRecording, writeRecording } from '../test/record/recorded-history.js';
export { disagreementOnSeed } from '../test/record/second-checker.js';
