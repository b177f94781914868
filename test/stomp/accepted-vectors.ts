import { all, escaped, frame, old, type Vector } from './vector.js';

const ping = frame('SEND', { destination: '/a' }, 'hi');

export const accepted: readonly Vector[] = [
  {
    title: 'F01 a frame is command, headers, blank line, body, NUL',
    versions: all,
    input: 'SEND\ndestination:/a\n\nhi\0',
    frames: [ping],
  },
  { title: 'F01 a frame needs no headers', versions: all, input: 'BEGIN\n\n\0', frames: [frame('BEGIN')] },
  {
    title: 'F02 CR LF ends lines in 1.2',
    versions: ['1.2'],
    input: '\r\nSEND\r\ndestination:/a\r\n\r\nhi\0\r\n',
    frames: [ping],
    heartbeats: 2,
  },
  {
    title: 'F02 ends of lines may be mixed in 1.2',
    versions: ['1.2'],
    input: 'SEND\r\ndestination:/a\n\r\nhi\0',
    frames: [ping],
  },
  {
    title: 'F02 a carriage return belongs to the value before 1.2',
    versions: old,
    input: 'SEND\ndestination:/a\r\n\nhi\0',
    frames: [frame('SEND', { destination: '/a\r' }, 'hi')],
  },
  {
    title: 'F02 a body keeps its ends of lines',
    versions: all,
    input: 'SEND\n\n\r\nx\n\0',
    frames: [frame('SEND', {}, '\r\nx\n')],
  },
  {
    title: 'F03 any number of line feeds stand between frames',
    versions: all,
    input: '\n\nBEGIN\n\n\0\n\n\nCOMMIT\n\n\0\n',
    frames: [frame('BEGIN'), frame('COMMIT')],
    heartbeats: 6,
  },
  {
    title: 'F04 header names keep their case',
    versions: all,
    input: 'BEGIN\nA:1\na:2\n\n\0',
    frames: [frame('BEGIN', { A: '1', a: '2' })],
  },
  {
    title: 'F05 headers are UTF-8',
    versions: all,
    input: 'BEGIN\nzürich:€😀\n\n\0',
    frames: [frame('BEGIN', { zürich: '€😀' })],
  },
  {
    title: 'F05 a byte order mark is kept',
    versions: all,
    input: 'BEGIN\na:\ufeffb\n\n\0',
    frames: [frame('BEGIN', { a: '\ufeffb' })],
  },
  {
    title: 'F05 a genuine U+FFFD is text',
    versions: all,
    input: 'BEGIN\na:\ufffd\n\n\0',
    frames: [frame('BEGIN', { a: '\ufffd' })],
  },
  {
    title: 'F06 content-length covers NULs and line feeds',
    versions: all,
    input: 'SEND\ncontent-length:5\n\na\0\n\0b\0',
    frames: [frame('SEND', { 'content-length': '5' }, 'a\0\n\0b')],
  },
  {
    title: 'F06 content-length may be 0',
    versions: all,
    input: 'SEND\ncontent-length:0\n\n\0BEGIN\n\n\0',
    frames: [frame('SEND', { 'content-length': '0' }), frame('BEGIN')],
  },
  {
    title: 'F06 leading zeros count as digits',
    versions: all,
    input: 'SEND\ncontent-length:0000000002\n\nhi\0',
    frames: [frame('SEND', { 'content-length': '0000000002' }, 'hi')],
  },
  {
    title: 'F06 without content-length the body ends at the first NUL',
    versions: all,
    input: 'SEND\n\na\0BEGIN\n\n\0',
    frames: [frame('SEND', {}, 'a'), frame('BEGIN')],
  },
  {
    title: 'F10 ERROR and MESSAGE may have a body',
    versions: all,
    input: 'ERROR\n\ne\0MESSAGE\n\nm\0',
    frames: [frame('ERROR', {}, 'e'), frame('MESSAGE', {}, 'm')],
  },
  {
    title: 'F10 any frame may have a body in 1.0',
    versions: ['1.0'],
    input: 'BEGIN\n\nx\0ABORT\ncontent-length:1\n\n\0\0',
    frames: [frame('BEGIN', {}, 'x'), frame('ABORT', { 'content-length': '1' }, '\0')],
  },
  {
    title: 'F11 of repeated headers the first wins, content-length too',
    versions: all,
    input: 'SEND\ncontent-length:1\ncontent-length:3\n\na\0',
    frames: [
      {
        command: 'SEND',
        headers: [
          ['content-length', '1'],
          ['content-length', '3'],
        ],
        body: 'a',
      },
    ],
  },
  {
    title: 'F12 values are not trimmed',
    versions: all,
    input: 'BEGIN\n a : b \nc:\n\n\0',
    frames: [frame('BEGIN', { ' a ': ' b ', c: '' })],
  },
  {
    title: 'F12 a colon inside a value is kept',
    versions: all,
    input: 'BEGIN\na:b:c\n\n\0',
    frames: [frame('BEGIN', { a: 'b:c' })],
  },
  {
    title: 'F15 an unknown command is a frame like others',
    versions: all,
    input: 'FROB\n\n\0',
    frames: [frame('FROB')],
  },
  {
    title: 'E01 nothing is unescaped in 1.0',
    versions: ['1.0'],
    input: 'BEGIN\na\\c:\\n\\t\\\n\n\0',
    frames: [frame('BEGIN', { 'a\\c': '\\n\\t\\' })],
  },
  {
    title: 'E02 E03 \\n, \\c and \\\\ are unescaped in names and values',
    versions: escaped,
    input: 'BEGIN\na\\cb:\\n\\c\\\\\n\n\0',
    frames: [frame('BEGIN', { 'a:b': '\n:\\' })],
  },
  {
    title: 'E03 \\r is unescaped in 1.2',
    versions: ['1.2'],
    input: 'BEGIN\na:x\\ry\n\n\0',
    frames: [frame('BEGIN', { a: 'x\ry' })],
  },
  {
    title: 'E03 an escaped CR LF at the end of a value survives',
    versions: ['1.2'],
    input: 'BEGIN\na:x\\r\\n\r\n\n\0',
    frames: [frame('BEGIN', { a: 'x\r\n' })],
  },
  {
    title: 'E02 an escaped backslash before n stays two characters',
    versions: escaped,
    input: 'BEGIN\na:C\\c\\\\new\n\n\0',
    frames: [frame('BEGIN', { a: 'C:\\new' })],
  },
  {
    title: 'E02 escapes and multi-byte characters mix',
    versions: escaped,
    input: 'BEGIN\nü\\c:€\\\\\n\n\0',
    frames: [frame('BEGIN', { 'ü:': '€\\' })],
  },
  {
    title: 'E04 CONNECT, STOMP and CONNECTED are never unescaped',
    versions: all,
    input: 'CONNECT\na:\\c\n\n\0STOMP\na:\\t\n\n\0CONNECTED\na:\\\n\n\0',
    frames: [frame('CONNECT', { a: '\\c' }), frame('STOMP', { a: '\\t' }), frame('CONNECTED', { a: '\\' })],
  },
  {
    title: '__proto__ is a header name like others',
    versions: all,
    input: 'BEGIN\n__proto__:x\n\n\0',
    frames: [{ command: 'BEGIN', headers: [['__proto__', 'x']], body: '' }],
  },
];
