/** Octets that come to the port of HTTP, and the only answer that is right. */
export interface BadRequest {
  readonly name: string;
  readonly input: string | Buffer;
  /** The status, and what the answer says; or the connection ends without an answer. */
  readonly expected: { readonly status: number; readonly says?: string } | 'is cut';
  /** What the node counts it as, if at all. */
  readonly countedAs?: 'refused' | 'unreadable';
}

const key = `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n`;
const version = 'Sec-WebSocket-Version: 13\r\n';
const wanted = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';

/** A handshake with other lines in place of the usual ones. */
const handshake = (lines: string, request = 'GET /ws HTTP/1.1'): string =>
  `${request}\r\nHost: localhost\r\n${lines}\r\n`;
const post = (headers: string, body: string): string =>
  `POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${headers}\r\n${body}`;

/** 25 bad HTTP requests, most of them upgrades. */
export const httpInputs: readonly BadRequest[] = [
  {
    name: 'the first octets of TLS',
    input: Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]),
    expected: { status: 400 },
    countedAs: 'unreadable',
  },
  {
    name: 'STOMP without WebSocket',
    input: 'STOMP\naccept-version:1.2\n\n\0',
    expected: { status: 400 },
    countedAs: 'unreadable',
  },
  {
    name: 'the preface of HTTP/2',
    input: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    expected: { status: 400 },
    countedAs: 'unreadable',
  },
  { name: 'HTTP/0.9', input: 'GET /health\r\n\r\n', expected: { status: 421 } },
  {
    name: 'no Host',
    input: `GET /ws HTTP/1.1\r\n${wanted}${version}${key}\r\n`,
    expected: { status: 400 },
    countedAs: 'refused',
  },
  {
    name: 'a Host of somebody else',
    input: 'GET /sessions HTTP/1.1\r\nHost: rebound.example\r\n\r\n',
    expected: { status: 421, says: 'not served here' },
  },
  { name: 'a path above the root', input: handshake('', 'GET /../../etc/passwd HTTP/1.1'), expected: { status: 404 } },
  {
    name: 'a method for proxies',
    input: 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n',
    expected: 'is cut',
  },
  {
    name: 'a handshake at another path',
    input: handshake(wanted + version + key, 'GET /other HTTP/1.1'),
    expected: { status: 404, says: '/ws' },
    countedAs: 'refused',
  },
  {
    name: 'a handshake by POST',
    input: handshake(wanted + version + key, 'POST /ws HTTP/1.1'),
    expected: { status: 405 },
    countedAs: 'refused',
  },
  {
    name: 'an upgrade to h2c',
    input: handshake(`Connection: Upgrade\r\nUpgrade: h2c\r\n${version}${key}`),
    expected: { status: 400 },
    countedAs: 'refused',
  },
  {
    name: 'an old version of WebSocket',
    input: handshake(`${wanted}Sec-WebSocket-Version: 8\r\n`),
    expected: { status: 400 },
    countedAs: 'refused',
  },
  { name: 'no key', input: handshake(wanted + version), expected: { status: 400 }, countedAs: 'refused' },
  {
    name: 'a key of 3 octets',
    input: handshake(`${wanted}${version}Sec-WebSocket-Key: AAAA\r\n`),
    expected: { status: 400 },
    countedAs: 'refused',
  },
  {
    name: 'an unknown sub-protocol',
    input: handshake(`${wanted}${version}${key}Sec-WebSocket-Protocol: mqtt\r\n`),
    expected: { status: 400, says: 'v12.stomp' },
    countedAs: 'refused',
  },
  {
    name: 'a sub-protocol twice',
    input: handshake(`${wanted}${version}${key}Sec-WebSocket-Protocol: v12.stomp, v12.stomp\r\n`),
    expected: { status: 400 },
    countedAs: 'refused',
  },
  {
    name: 'a foreign Origin',
    input: handshake(`${wanted}${version}${key}Origin: http://evil.example\r\n`),
    expected: { status: 403, says: '--allow-origin' },
    countedAs: 'refused',
  },
  {
    name: 'the Origin of a sandboxed page',
    input: handshake(`${wanted}${version}${key}Origin: null\r\n`),
    expected: { status: 403 },
    countedAs: 'refused',
  },
  {
    name: 'a good and a foreign Origin',
    input: handshake(`${wanted}${version}${key}Origin: http://localhost\r\nOrigin: http://evil.example\r\n`),
    expected: { status: 403 },
    countedAs: 'refused',
  },
  {
    name: 'headers beyond 8 KiB',
    input: handshake(`${wanted}${version}${key}Cookie: ${'a'.repeat(9_000)}\r\n`),
    expected: { status: 431 },
    countedAs: 'unreadable',
  },
  {
    name: 'a path beyond 8 KiB',
    input: handshake('', `GET /${'a'.repeat(9_000)} HTTP/1.1`),
    expected: { status: 431 },
    countedAs: 'unreadable',
  },
  {
    name: 'a blank within the name of a header',
    input: handshake(`${wanted}${version}${key}Bad name: x\r\n`),
    expected: { status: 400 },
    countedAs: 'unreadable',
  },
  {
    name: 'two lengths of one body',
    input: post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    expected: { status: 400 },
    countedAs: 'unreadable',
  },
  {
    name: 'a chunk whose size is no number',
    input: post('Transfer-Encoding: chunked\r\n', 'zz\r\n'),
    expected: { status: 400 },
    countedAs: 'unreadable',
  },
  {
    name: 'a login of more than 4 KiB',
    input: post('Content-Length: 5000\r\n', 'x'.repeat(5_000)),
    expected: { status: 413, says: '4096' },
  },
];
