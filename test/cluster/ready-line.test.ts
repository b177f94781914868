import { expect, test } from 'vitest';
import { parseReadyLine } from '../../src/cluster/ready-line.js';

test('a ready line says name, port, URL and where to ask for health', () => {
  expect(parseReadyLine('{"ready":true,"name":"node-1","port":7101,"url":"ws://127.0.0.1:7101/ws"}')).toEqual({
    name: 'node-1',
    port: 7101,
    url: 'ws://127.0.0.1:7101/ws',
    healthPort: 7101,
  });
});

test('a STOMP port is not asked for health over HTTP', () => {
  const line = '{"ready":true,"name":"broker","port":61613,"url":"stomp://127.0.0.1:61613"';
  expect(parseReadyLine(`${line}}`)?.healthPort).toBeNull();
  expect(parseReadyLine(`${line},"http":8080}`)?.healthPort).toBe(8080);
});

test.each([
  ['text', 'Listening on 7101, "ready"'],
  ['broken JSON', '{"ready":true,'],
  ['another JSON line', '{"level":"info","text":"ready"}'],
  ['not ready yet', '{"ready":false,"name":"node-1"}'],
  ['no name', '{"ready":true}'],
  ['a list', '["ready"]'],
])('%s is ordinary output', (_, line) => {
  expect(parseReadyLine(line)).toBeUndefined();
});

test('a port that cannot be one is none', () => {
  expect(parseReadyLine('{"ready":true,"name":"x","port":70000}')?.port).toBeNull();
});
