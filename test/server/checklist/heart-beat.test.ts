import { expect } from 'vitest';
import { frameText } from '../raw-client.js';
import { check } from './check.js';
import { bodiesOf, refusal, refused } from './peer.js';

const topic = '/topic/a';

check('H01', async (peer) => {
  for (const value of ['-1,0', 'soon', '1', '1,2,3', '1.5,0', ' 1,1', '9999999999,0', '']) {
    const headers = { 'accept-version': peer.version, 'heart-beat': value };
    expect((await refused(await peer.stranger(), frameText('CONNECT', headers))).message).toContain('heart-beat');
  }
  await peer.client({ 'heart-beat': '0,0' });
  await peer.client();
});

check(
  'H02',
  async (peer) => {
    const often = await peer.client({ 'heart-beat': '0,1' });
    const seldom = await peer.client({ 'heart-beat': '0,1200' });
    const never = [await peer.client({ 'heart-beat': '0,0' }), await peer.client()];
    await seldom.until(() => seldom.heartbeats > 0, 'a heart-beat');
    await often.until(() => often.heartbeats > 2, 'heart-beats');
    expect(often.heartbeats).toBeGreaterThan(seldom.heartbeats);
    for (const client of never) expect(client.heartbeats).toBe(0);
  },
  { limits: { heartbeatMs: 100 } },
);

check(
  'H03',
  async (peer) => {
    const often = await peer.client({ 'heart-beat': '1,0' });
    const seldom = await peer.client({ 'heart-beat': '700,0' });
    const never = await peer.client({ 'heart-beat': '0,0' });
    // In time for 700 ms, far too late for the 50 ms that the server could do.
    const patient = await peer.client({ 'heart-beat': '700,0' });
    let isLate = false;
    let beating: NodeJS.Timeout | undefined;
    const timer = setTimeout(() => {
      isLate = true;
      patient.raw('\n');
      // More than it promised: a machine that stands still keeps one of them from coming.
      beating = setInterval(() => patient.raw('\n'), 100);
    }, 1_500);
    const order: string[] = [];
    const told = [often, seldom].map(async (client, index) => {
      expect((await refusal(client)).message).toContain('No heart-beat');
      order.push(index === 0 ? 'often' : 'seldom');
    });
    await Promise.all(told);
    clearTimeout(timer);
    clearInterval(beating);
    expect(order).toEqual(['often', 'seldom']);
    expect(isLate).toBe(true);
    await patient.asked('BEGIN', { transaction: 't' });
    await never.asked('BEGIN', { transaction: 't' });
  },
  { limits: { heartbeatMs: 50 } },
);

check(
  'H04',
  async (peer) => {
    const client = await peer.client({ 'heart-beat': '0,300' });
    await client.until(() => client.heartbeats >= 3, 'three heart-beats');
    // Nothing but ends of lines: what is no frame and no end of line the client's decoder refuses.
    expect(client.received.map((frame) => frame.command)).toEqual(['CONNECTED']);
  },
  { limits: { heartbeatMs: 300 } },
);

check(
  'H05',
  async (peer) => {
    const beating = await peer.client({ 'heart-beat': '50,0' });
    const sending = await peer.client({ 'heart-beat': '50,0' });
    const silent = await peer.client({ 'heart-beat': '50,0' });
    beating.raw('\n');
    const timer = setInterval(() => {
      beating.raw('\n');
      sending.send('SEND', { destination: topic });
    }, 100);
    try {
      expect((await refusal(silent)).message).toContain('No heart-beat');
      for (const client of [beating, sending]) await client.asked('BEGIN', { transaction: 't' });
    } finally {
      clearInterval(timer);
    }
  },
  { limits: { heartbeatMs: 100 } },
);

check(
  'H06',
  async (peer) => {
    const stranger = await peer.stranger();
    const client = await peer.client({ 'heart-beat': '0,1' });
    await client.until(() => client.heartbeats >= 3, 'three heart-beats');
    expect(stranger.heartbeats).toBe(0);
    // Beats between large frames; one inside of a frame would spoil its body.
    await client.asked('SUBSCRIBE', { id: '1', destination: topic });
    const body = 'x'.repeat(60_000);
    const before = client.heartbeats;
    for (let i = 0; i < 20 || client.heartbeats < before + 2; i++)
      await client.asked('SEND', { destination: topic }, body);
    await client.until(() => bodiesOf(client).length >= 20, '20 messages');
    expect(new Set(bodiesOf(client))).toEqual(new Set([body]));
  },
  { limits: { heartbeatMs: 1 } },
);
