import { runSuite } from '../suite.js';

export const title = 'Properties of codec, session, scenarios and reports, with many more inputs';

const files = [
  'test/stomp/codec-properties.test.ts',
  'test/server/session-model.test.ts',
  'test/scenario/hostile.test.ts',
  'test/report/any-strings.test.ts',
];

export async function perform({ isQuick }) {
  const factor = isQuick ? 1 : 10;
  const { passed, failed } = await runSuite(files, { CLUSTER_CHAT_PROPERTY_FACTOR: String(factor) });
  return {
    figure: `${passed.length} of ${passed.length + failed.length}, ${factor} times the inputs`,
    limit: 'all',
    ok: failed.length === 0 && passed.length > 0,
    details: failed.slice(0, 10),
  };
}
