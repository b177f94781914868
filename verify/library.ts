// What the checks use of src/ and test/. scripts/import-bundled.js bundles this file and imports the result.

export { readRecording, writeRecording } from '../test/record/recorded-history.js';
