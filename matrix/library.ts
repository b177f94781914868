// What the matrix uses of src/ and of the tests' real servers. scripts/import-bundled.js bundles this file and imports the result.

export { openBroker } from '../src/broker/open-broker.js';
export { startRabbitmq } from '../test/services/rabbitmq-server.js';
export { startRedis } from '../test/services/redis-server.js';
export { requireService } from '../test/services/require-service.js';
export { cellText, problemsOf } from './judge.js';
