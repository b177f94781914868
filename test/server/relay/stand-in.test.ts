import { afterAll, beforeAll } from 'vitest';
import { PieceProcess } from '../../broker/piece-process.js';
import { testRelay } from './suite.js';

let broker: PieceProcess;
beforeAll(async () => {
  broker = await PieceProcess.standIn();
});
afterAll(() => broker[Symbol.asyncDispose]());

testRelay('sessions with a connection each to our own broker', () => broker.stompUrl, /^cluster-chat\//);
