import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { formatIssue, type Issue } from '../../src/scenario/issue.js';
import { parseScenario } from '../../src/scenario/parse.js';
import { propertyRuns } from '../property-runs.js';
import { obeyedByTerminals } from '../report/hostile.js';

const valid = {
  version: 1,
  name: 'x',
  cluster: { nodes: 3, broker: 'embedded', balancer: { kind: 'embedded', policy: 'sticky' } },
  clients: [{ name: 'a', count: 1, subscribe: '/a', send: { to: '/a', every: '1s' }, reconnect: { min: '1s' } }],
  duration: '10s',
  steps: [{ at: '1s', kill: ['node-1'] }],
  thresholds: { 'delivery.latency': ['max < 5s', { expr: 'p(99) < 1s', abortOnFail: true }] },
};

function mistakesOf(text: string, overrides: readonly string[] = []): string {
  const parsed = parseScenario(text, 'f.yaml', overrides);
  return parsed.type === 'issues' ? parsed.issues.map(formatIssue).join('\n') : '';
}

/** The only mistakes that are the whole file's. */
const ofTheWholeFile = /^the file (is larger than \d+ bytes|is empty; .*|cannot be read: .*)$/s;

/** Every mistake says where it stands, in words that no terminal obeys; returns them. */
function placedMistakes(text: string, overrides: readonly string[] = []): readonly Issue[] {
  const parsed = parseScenario(text, 'f.yaml', overrides);
  if (parsed.type === 'scenario') return [];
  const lines = text.split(/\r?\n/);
  for (const issue of parsed.issues) {
    expect(issue.message).not.toBe('');
    expect(obeyedByTerminals(formatIssue(issue))).toEqual([]);
    if (issue.type === 'override') {
      expect(overrides).toContain(issue.override);
    } else if (issue.line === 0) {
      expect(issue.message).toMatch(ofTheWholeFile);
    } else {
      const line = lines[issue.line - 1] ?? '';
      expect(issue.column).toBeGreaterThan(0);
      expect(issue.column).toBeLessThanOrEqual(line.length + 1);
      // Behind the name of a secret its value is not shown.
      expect([line, `${line.slice(0, issue.column - 1)}***`]).toContain(issue.source);
    }
  }
  return parsed.issues;
}

describe('a hostile file is refused with a message, and fast', () => {
  it('60,000 keys, whose check for repetition would take minutes', () => {
    const text = Array.from({ length: 60_000 }, (_, index) => `k${index}: 1`).join('\n');
    expect(mistakesOf(text)).toBe('f.yaml: the file is larger than 65536 bytes');
  });

  it('as many keys as the size allows', () => {
    const text = Array.from({ length: 5_000 }, (_, index) => `k${index}: 1`).join('\n');
    expect(mistakesOf(text)).toBe('f.yaml:1000:7: the file has more than 2000 values\n    k999: 1\n          ^');
  });

  it('aliases that multiply to billions', () => {
    const levels = Array.from({ length: 9 }, (_, level) => {
      const below = level === 0 ? '"lol"' : `*a${level - 1}`;
      return `a${level}: &a${level} [${Array.from({ length: 9 }, () => below).join(',')}]`;
    });
    expect(mistakesOf(levels.join('\n'))).toBe(
      'f.yaml: the file cannot be read: Excessive alias count indicates a resource exhaustion attack',
    );
  });

  it('a list that contains itself', () => {
    expect(mistakesOf('clients: &a [*a]\n')).toContain('f.yaml:1:1: missing key "version"');
  });

  it('five thousand opened lists', () => {
    expect(mistakesOf('['.repeat(5_000))).toMatch(/^f\.yaml/);
  });

  it.each(['a', '?', '{', ' ', '<', 'x://', '&a ', '"'])('one line of %j as long as the size allows', (piece) => {
    const line = piece.repeat(Math.floor(60_000 / piece.length));
    expect(mistakesOf(`name: '${line.replaceAll("'", '')}'\nnmae: 1`)).not.toBe('');
    expect(mistakesOf(`cluster: { broker: '${line}' }`)).not.toBe('');
    expect(mistakesOf(`thresholds: { delivery.latency: ['${line}'] }`)).not.toBe('');
  });

  it('keys from the prototype of objects change nothing', () => {
    const text = '__proto__: { polluted: 1 }\nconstructor: { prototype: { polluted: 1 } }\n';
    expect(mistakesOf(text)).toContain('unknown key "__proto__"');
    expect({}).not.toHaveProperty('polluted');
  });

  it('two documents in one file', () => {
    expect(mistakesOf('version: 1\n---\nversion: 1\n')).toMatch(/^f\.yaml:2:1: Source contains multiple documents/);
  });
});

describe('parseScenario never throws, and every mistake has its line and column', () => {
  it('whatever the text and the overrides', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.array(fc.string(), { maxLength: 2 }),
        (text, sets) => {
          placedMistakes(text, sets);
        },
      ),
      propertyRuns(1_000),
    );
  });

  it('whatever the structure', () => {
    fc.assert(
      fc.property(
        fc.object({ key: fc.constantFrom(...Object.keys(valid), '__proto__', 'x'), maxDepth: 4 }),
        (value) => {
          expect(placedMistakes(stringify(value))).not.toEqual([]);
        },
      ),
      propertyRuns(1_000),
    );
  });

  it('whatever is put into, or cut out of, the text of a valid scenario', () => {
    const whole = stringify(valid);
    const piece = fc.oneof(
      fc.constantFrom(
        ': ',
        '- ',
        '\n',
        '\n  ',
        '\t',
        '"',
        "'",
        '{',
        '[',
        '&a ',
        '*a',
        '!!',
        '|\n',
        '#',
        '%',
        '\u2028',
        '\u001b[2J',
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(6), piece, (at, cut, text) => {
        placedMistakes(whole.slice(0, at) + text + whole.slice(at + cut));
      }),
      propertyRuns(1_000),
    );
  });

  it('whatever stands in place of one value of a valid scenario', () => {
    const paths = [
      'name',
      'cluster',
      'cluster.nodes',
      'cluster.balancer.kind',
      'clients',
      'clients[0]',
      'clients[0].send',
      'clients[0].send.every',
      'clients[0].reconnect',
      'duration',
      'steps',
      'steps[0]',
      'steps[0].at',
      'steps[0].kill',
      'thresholds',
      'thresholds["delivery.latency"]',
      'thresholds["delivery.latency"][1]',
    ];
    const text = stringify(valid);
    expect(mistakesOf(text)).toBe('');
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
        placedMistakes(text, [`${path}=${JSON.stringify(value)}`]);
      }),
      propertyRuns(1_000),
    );
  });
});
