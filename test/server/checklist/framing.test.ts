import { expect } from 'vitest';
import { frameText } from '../raw-client.js';
import { check } from './check.js';
import { bodiesOf, frameBytes, refused } from './peer.js';

const topic = '/topic/a';

check('F01', async (peer) => {
  const client = await peer.subscriber(topic);
  client.raw(`SEND\ndestination:${topic}\nx:1\n\nbody\0`);
  const message = await client.next('MESSAGE');
  expect(message.headers.get('x')).toBe('1');
  expect(message.body.toString()).toBe('body');
  expect((await refused(client, `SEND\ndestination:${topic}\nno colon\n\n\0`)).message).toContain('colon');
});

check('F02', async (peer) => {
  const client = await peer.subscriber(topic);
  const text = `SEND\r\ndestination:${topic}\r\n\r\nbody\0`;
  if (peer.version === '1.2') {
    client.raw(text);
    expect(await client.bodies(1)).toEqual(['body']);
    expect((await refused(client, `SEND\ndestination:${topic}\nx:a\rb\n\n\0`)).message).toContain('carriage return');
  } else {
    // Here a carriage return belongs to the line, and no command has one.
    expect((await refused(client, text)).message).toContain('command');
  }
});

check('F03', async (peer) => {
  const client = await peer.subscriber(topic);
  const eol = peer.version === '1.2' ? '\r\n' : '\n';
  client.raw(`\n\n${frameText('SEND', { destination: topic }, '1')}${eol.repeat(50)}\n`);
  client.raw(`\n${frameText('SEND', { destination: topic }, '2')}\n`);
  expect(await client.bodies(2)).toEqual(['1', '2']);
});

check('F04', async (peer) => {
  expect((await refused(await peer.client(), frameText('send', { destination: topic }))).message).toContain('command');
  const upper = await refused(await peer.client(), frameText('SEND', { Destination: topic }));
  expect(upper.message).toBe('SEND needs a destination.');
});

check('F05', async (peer) => {
  const client = await peer.subscriber(topic);
  client.send('SEND', { destination: topic, schlüssel: '☂ 雨 🌧' });
  expect((await client.next('MESSAGE')).headers.get('schlüssel')).toBe('☂ 雨 🌧');
  const broken = Buffer.concat([Buffer.from(`SEND\ndestination:${topic}\nx:`), Buffer.from([0xc3, 0x28, 10, 10, 0])]);
  expect((await refused(client, broken)).message).toContain('UTF-8');
});

check('F06', async (peer) => {
  const client = await peer.subscriber(topic);
  const body = Buffer.from([0, 255, 0, 10, 0]);
  client.raw(frameBytes('SEND', { destination: topic, 'content-length': '5' }, body));
  expect([...(await client.next('MESSAGE')).body]).toEqual([...body]);
  const tooShort = frameText('SEND', { destination: topic, 'content-length': '2' }, 'three');
  expect((await refused(client, tooShort)).message).toContain('NUL');
});

check('F07', async (peer) => {
  const client = await peer.subscriber(topic);
  client.raw(frameBytes('SEND', { destination: topic, 'content-length': '3' }, Buffer.from([65, 0, 66])));
  expect((await client.next('MESSAGE')).headers.get('content-length')).toBe('3');
});

check('F08', async (peer) => {
  const client = await peer.subscriber(topic);
  client.send('SEND', { destination: topic, 'content-type': 'text/plain' }, 'grüße');
  const { headers } = await client.next('MESSAGE');
  expect([headers.get('content-length'), headers.get('content-type')]).toEqual(['7', 'text/plain']);
  const stranger = await peer.stranger();
  const { error } = await refused(stranger, frameText('CONNECT', { 'accept-version': '7.0' }));
  expect(error.headers.get('content-type')).toBe('text/plain');
  expect(error.headers.get('content-length')).toBe(String(error.body.length));
  expect(error.body.length).toBeGreaterThan(0);
});

check('F09', async (peer) => {
  const client = await peer.subscriber(topic);
  client.raw(
    frameBytes('SEND', { destination: topic, 'content-type': 'text/plain;charset=latin1' }, Buffer.from([0xfc])),
  );
  const typed = await client.next('MESSAGE');
  expect(typed.headers.get('content-type')).toBe('text/plain;charset=latin1');
  expect([...typed.body]).toEqual([0xfc]);
  client.raw(frameBytes('SEND', { destination: topic }, Buffer.from([0xff, 0xfe])));
  const untyped = await client.next('MESSAGE');
  expect(untyped.headers.get('content-type')).toBeUndefined();
  expect([...untyped.body]).toEqual([0xff, 0xfe]);
});

check('F10', async (peer) => {
  for (const [command, headers] of [
    ['SUBSCRIBE', { id: '1', destination: topic }],
    ['UNSUBSCRIBE', { id: '1' }],
    ['BEGIN', { transaction: 't' }],
    ['DISCONNECT', {}],
  ] as const) {
    const client = await peer.client();
    expect((await refused(client, frameText(command, headers, 'body'))).message).toContain('may have a body');
  }
});

check('F11', async (peer) => {
  const client = await peer.subscriber(topic);
  client.raw(`SEND\ndestination:${topic}\ndestination:/topic/b\nx:first\nx:second\n\nbody\0`);
  const { headers } = await client.next('MESSAGE');
  expect([headers.get('destination'), headers.get('x')]).toEqual([topic, 'first']);
  expect([...headers].filter(([name]) => name === 'x')).toEqual([
    ['x', 'first'],
    ['x', 'second'],
  ]);
});

check('F12', async (peer) => {
  const client = await peer.subscriber(topic);
  client.raw(`SEND\ndestination:${topic}\n spaced \t:  \tkept \n\n\0`);
  expect((await client.next('MESSAGE')).headers.get(' spaced \t')).toBe('  \tkept ');
});

check('F13', async (peer) => {
  const client = await peer.subscriber(topic);
  const frame = frameText('SEND', { destination: topic }, 'whole');
  for (const octet of frame) client.raw(octet);
  client.raw(`${frame}\n${frame}${frame.slice(0, 9)}`);
  client.raw(frame.slice(9));
  expect(await client.bodies(4)).toEqual(['whole', 'whole', 'whole', 'whole']);
});

check('F14', async (peer) => {
  const client = await peer.subscriber(topic);
  client.raw(frameText('SEND', { destination: topic }, 'as text'));
  client.raw(Buffer.from(frameText('SEND', { destination: topic }, 'as octets')));
  expect(await client.bodies(2)).toEqual(['as text', 'as octets']);
});

check('F15', async (peer) => {
  const client = await peer.client();
  expect((await refused(client, frameText('DANCE'))).message).toBe('The command is unknown.');
  expect(bodiesOf(client)).toEqual([]);
});
