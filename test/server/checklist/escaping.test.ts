import { expect } from 'vitest';
import { frameText } from '../raw-client.js';
import { check } from './check.js';
import { refused } from './peer.js';

const topic = '/topic/a';

check('E01', async (peer) => {
  const client = await peer.subscriber(topic);
  client.send('SEND', { destination: topic, x: 'C:\\new\\table:\\c\\\\' });
  expect((await client.next('MESSAGE')).headers.get('x')).toBe('C:\\new\\table:\\c\\\\');
});

check('E02', async (peer) => {
  const client = await peer.subscriber(topic);
  client.send('SEND', { destination: topic, 'a\\cb': 'C\\c\\\\new\\nline\\\\n' });
  expect((await client.next('MESSAGE')).headers.get('a:b')).toBe('C:\\new\nline\\n');
  expect((await refused(client, frameText('SEND', { destination: topic, x: 'a\\rb' }))).message).toContain('escape');
});

check('E03', async (peer) => {
  const client = await peer.subscriber(topic);
  client.send('SEND', { destination: topic, x: '\\r\\n\\c\\\\r' });
  expect((await client.next('MESSAGE')).headers.get('x')).toBe('\r\n:\\r');
});

check('E04', async (peer) => {
  const client = await peer.stranger();
  // Not unescaped when read, or the name would hold a line feed; not escaped when written.
  const connected = await client.connect(peer.version, { login: 'a\\nb\\\\c:d' });
  expect(connected.headers.get('user-name')).toBe('a\\nb\\\\c:d');
});

check('E05', async (peer) => {
  for (const x of ['a\\tb', 'a\\', '\\N', '\\0']) {
    const { message } = await refused(await peer.client(), frameText('SEND', { destination: topic, x }));
    expect(message).toContain('escape');
  }
});

check('E06', async (peer) => {
  const client = await peer.subscriber(topic);
  const publisher = await peer.client({}, '1.2');
  publisher.send('SEND', { destination: topic, 'n\\cm': 'x\\nevil\\c1\\\\', plain: 'kept' });
  const { headers } = await client.next('MESSAGE');
  expect(headers.get('n:m')).toBe(peer.version === '1.0' ? undefined : 'x\nevil:1\\');
  expect(headers.get('plain')).toBe('kept');
  expect(headers.get('evil')).toBeUndefined();
});
