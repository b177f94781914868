import { describe, expect, it } from 'vitest';
import { metricTable } from '../../src/record/metrics.js';
import { formatIssue } from '../../src/scenario/issue.js';
import { parseScenario } from '../../src/scenario/parse.js';

/** A valid scenario with one block replaced or added. */
function scenario(changes: Readonly<Record<string, string>> = {}): string {
  const blocks: Record<string, string> = {
    version: 'version: 1',
    name: 'name: x',
    clients: 'clients:\n  - { name: a, count: 1, subscribe: /topic/a }',
    duration: 'duration: 10s',
    ...changes,
  };
  return `${Object.values(blocks).join('\n')}\n`;
}

function mistakesOf(text: string, overrides: readonly string[] = []): string[] {
  const parsed = parseScenario(text, 'f.yaml', overrides);
  return parsed.type === 'issues' ? parsed.issues.map(formatIssue) : [];
}

/** The messages alone, with their places. */
function placesOf(text: string): string[] {
  return mistakesOf(text).map((mistake) => mistake.split('\n')[0] ?? '');
}

describe('a mistake is told with file, line, column, the line itself and a caret', () => {
  it.each<[title: string, text: string, expected: string]>([
    [
      'an unknown key, with what was meant',
      scenario({ duration: 'duratoin: 10s\nduration: 10s' }),
      'f.yaml:5:1: unknown key "duratoin"; did you mean "duration"?\n    duratoin: 10s\n    ^',
    ],
    [
      'a missing unit, with the units',
      scenario({ duration: 'duration: 5' }),
      'f.yaml:5:11: 5 needs a unit: 5s, 5ms\n    duration: 5\n              ^',
    ],
    [
      'a value that is not among those known',
      scenario({ contract: 'contract: at-lest-once' }),
      'f.yaml:6:11: "at-lest-once" is not one of the values; did you mean "at-least-once"?\n    contract: at-lest-once\n              ^',
    ],
    [
      'an unknown metric',
      scenario({ thresholds: 'thresholds:\n  delivery.latncy: ["max < 5s"]' }),
      'f.yaml:7:3: there is no metric "delivery.latncy"; did you mean "delivery.latency"?\n      delivery.latncy: ["max < 5s"]\n      ^',
    ],
    [
      'a node that does not exist',
      scenario({ steps: 'steps:\n  - { at: 1s, kill: node-9 }' }),
      'f.yaml:7:21: no process is called "node-9"; there are node-1 to node-3, broker, balancer; or all, or random\n      - { at: 1s, kill: node-9 }\n                        ^',
    ],
    [
      'a group of clients that does not exist, with what was meant',
      scenario({
        clients: 'clients:\n  - { name: chatters, count: 1, subscribe: /topic/a }',
        steps: 'steps:\n  - { at: 1s, storm: chaters }',
      }),
      'f.yaml:7:22: no group of clients is called "chaters"; did you mean "chatters"?\n      - { at: 1s, storm: chaters }\n                         ^',
    ],
    [
      'a reload of a balancer that has no configuration',
      scenario({ steps: 'steps:\n  - { at: 1s, reload: balancer }' }),
      'f.yaml:7:23: the embedded balancer reads no file; use kind haproxy or nginx\n      - { at: 1s, reload: balancer }\n                          ^',
    ],
    [
      'a share without its unit',
      scenario({ steps: 'steps:\n  - { at: 1s, stall: a, share: 10 }' }),
      'f.yaml:7:32: 10 needs a unit: 10%\n      - { at: 1s, stall: a, share: 10 }\n                                   ^',
    ],
    [
      'a clock that is stepped by too little to be seen',
      scenario({ steps: 'steps:\n  - { at: 1s, clock: node-1, by: -1s }' }),
      'f.yaml:7:34: "-1s" is out of bounds; from 4000ms to 168h, forward or backward\n      - { at: 1s, clock: node-1, by: -1s }\n                                     ^',
    ],
    [
      'a clock step that does not say by how much',
      scenario({ steps: 'steps:\n  - { at: 1s, clock: node-1 }' }),
      'f.yaml:7:15: clock needs by\n      - { at: 1s, clock: node-1 }\n                  ^',
    ],
    [
      'a clock of those who measure',
      scenario({ steps: 'steps:\n  - { at: 1s, clock: worker-1, by: 5s }' }),
      'f.yaml:7:22: no process is called "worker-1"; there are node-1 to node-3, broker, balancer; or all, or random\n      - { at: 1s, clock: worker-1, by: 5s }\n                         ^',
    ],
    [
      'descriptors of a balancer that there is not',
      scenario({
        cluster: 'cluster: { nodes: 2, balancer: { kind: none } }',
        steps: 'steps:\n  - { at: 1s, exhaust: balancer }',
      }),
      'f.yaml:8:24: no process is called "balancer"; there are node-1 to node-2, broker; or all, or random\n      - { at: 1s, exhaust: balancer }\n                           ^',
    ],
    [
      'a disk that is full for something else than results',
      scenario({ steps: 'steps:\n  - { at: 1s, fill: result }' }),
      'f.yaml:7:21: no part of what a run leaves behind is called "result"; did you mean "results"?\n      - { at: 1s, fill: result }\n                        ^',
    ],
    [
      'a key that stands twice',
      scenario({ again: 'name: y' }),
      'f.yaml:6:1: this key stands here twice\n    name: y\n    ^',
    ],
  ])('%s', (_title, text, expected) => {
    expect(mistakesOf(text)).toEqual([expected]);
  });

  it('tells all mistakes at once, those of the schema and those between keys, from top to bottom', () => {
    const text = scenario({
      version: 'version: 2',
      cluster: 'cluster: { nodes: 2, polcy: 1 }',
      steps: 'steps: [{ at: 11s, kill: node-3 }]',
    });
    expect(placesOf(text)).toEqual([
      'f.yaml:1:10: expected 1, got 2',
      'f.yaml:6:22: unknown key "polcy"; known: nodes, broker, history, sessions, balancer, program, port, readyTimeout',
      'f.yaml:7:15: "11s" is not within the load, which ends after 10.0s',
      'f.yaml:7:26: no process is called "node-3"; there are node-1 to node-2, broker, balancer; or all, or random',
    ]);
  });

  it('lists at most 50 mistakes', () => {
    const keys = Array.from({ length: 200 }, (_, index) => `unknown${index}: 1`).join('\n');
    expect(mistakesOf(scenario({ keys }))).toHaveLength(50);
  });

  it('cuts a long line around the place that is meant', () => {
    const text = scenario({ name: `name: x # ${'y'.repeat(500)}`, clients: `clients: [{${' '.repeat(500)}nam: a}]` });
    const shown = mistakesOf(text).find((mistake) => mistake.includes('"nam"'));
    expect(shown).toBe(
      `f.yaml:3:512: unknown key "nam"; did you mean "name"?\n    ${' '.repeat(55)}nam: a}]\n    ${' '.repeat(55)}^`,
    );
  });
});

describe('each rule has its message', () => {
  it.each<[title: string, block: string, expected: string]>([
    [
      'cluster and target',
      'target: { urls: ["ws://h/ws"] }\ncluster: {}',
      '6:1: a scenario has either cluster (started here) or target (running elsewhere), not both',
    ],
    ['too many nodes', 'cluster: { nodes: 33 }', '6:19: 33 is out of bounds; at most 32'],
    ['a number as text', 'cluster: { nodes: "3" }', '6:19: expected a number, got "3"'],
    ['a history without its unit', 'cluster: { history: 30 }', '6:21: 30 needs a unit: 30s, 30ms'],
    ['a history too short', 'cluster: { history: 10ms }', '6:21: "10ms" is too short; at least 1000ms'],
    [
      'a history of another broker',
      'cluster: { history: 30s, broker: "redis://h" }',
      '6:12: only the embedded broker keeps messages for as long as it is told; leave history out (--set cluster.history=null)',
    ],
    ['an unknown broker', 'cluster: { broker: embeded }', '6:20: "embeded" is no broker; did you mean "embedded"?'],
    [
      'an unknown policy',
      'cluster: { balancer: { policy: roundrobin } }',
      '6:32: "roundrobin" is not one of the values; did you mean "round-robin"?',
    ],
    ['a program that is no list', 'cluster: { program: java -jar }', '6:21: expected a list, got "java -jar"'],
    [
      'a target with no WebSocket URL',
      'target: { urls: ["http://h/"] }',
      '6:18: not a WebSocket URL; write it like ws://127.0.0.1:8080/ws',
    ],
    [
      'steps against a target',
      'target: { urls: ["ws://h/ws"] }\nsteps: [{ at: 1s, kill: x }]',
      '7:9: steps need a cluster that is started here; to a target only exec can do something',
    ],
    [
      'a step without a verb',
      'steps: [{ at: 1s }]',
      '6:9: a step needs one of kill, stop, start, restart, pause, unpause, cut, mend, reset, blackhole, latency, bandwidth, slice, exec, storm, stall, reload, clock, exhaust, fill, chaos',
    ],
    [
      'a step with two verbs',
      'steps: [{ at: 1s, kill: node-1, start: node-1 }]',
      '6:9: a step does one thing; this one has kill and start',
    ],
    [
      'for without what lasts',
      'steps: [{ at: 1s, start: node-1, for: 1s }]',
      '6:34: for belongs to kill, stop, pause, cut, blackhole, latency, bandwidth, slice, exec, stall, clock and exhaust',
    ],
    ['an option of another verb', 'steps: [{ at: 1s, slice: node-1, rate: 1KB }]', '6:34: rate belongs to bandwidth'],
    ['a bandwidth without its rate', 'steps: [{ at: 1s, bandwidth: node-1 }]', '6:19: bandwidth needs rate'],
    [
      'a link of what is no node',
      'steps: [{ at: 1s, latency: [node-1, broker] }]',
      '6:37: no node is called "broker"; there are node-1 to node-3; or all, or random',
    ],
    [
      'a mistyped choice',
      'steps: [{ at: 1s, blackhole: node-1, direction: to-nod }]',
      '6:49: "to-nod" is not one of the values; did you mean "to-node"?',
    ],
    [
      'a link to a broker that is none',
      'cluster: { broker: simple }\nsteps: [{ at: 1s, reset: node-1, on: broker }]',
      '7:26: the broker "simple" has no link that could be cut',
    ],
    [
      'a cut of what has no link to the broker',
      'steps: [{ at: 1s, cut: balancer }]',
      '6:24: no process is called "balancer"; there are node-1 to node-3, broker; or all, or random',
    ],
    [
      'a cut where there is no broker',
      'cluster: { broker: simple }\nsteps: [{ at: 1s, cut: broker }]',
      '7:24: the broker "simple" has no link that could be cut',
    ],
    [
      'a cut of a link with TLS',
      'cluster: { broker: "amqps://h" }\nsteps: [{ at: 1s, cut: broker }]',
      '7:24: a link with TLS cannot be cut; use a URL of the broker without TLS',
    ],
    ['signal without kill', 'steps: [{ at: 1s, stop: node-1, signal: SIGTERM }]', '6:33: signal belongs to kill'],
    [
      'an unknown signal',
      'steps: [{ at: 1s, kill: node-1, signal: SIGKIL }]',
      '6:41: "SIGKIL" is not one of the values; did you mean "SIGKILL"?',
    ],
    ['a step without a time', 'steps: [{ kill: node-1 }]', '6:9: a step needs a time: at, every or after'],
    [
      'two times',
      'steps: [{ at: 1s, stop: node-1 }, { at: 2s, after: { fault: stop }, start: node-1 }]',
      '6:45: a step has one time; this one has at and after',
    ],
    [
      'a kill again and again of which nobody comes back',
      'steps: [{ every: 2s, kill: random }]',
      '6:22: kill within every needs for: after how long it starts again',
    ],
    [
      'a pause again and again that never ends',
      'steps: [{ every: 2s, pause: random }]',
      '6:22: pause within every needs for: how long it lasts',
    ],
    [
      'a time that would always be skipped',
      'steps: [{ every: 2s, kill: random, for: 3s }]',
      '6:41: "3s" is not shorter than every, "2s"',
    ],
    ['jitter of nothing', 'steps: [{ at: 2s, kill: node-1, jitter: 1s }]', '6:33: jitter belongs to latency and every'],
    [
      'after an unknown step',
      'steps: [{ at: 1s, kill: node-1, name: first }, { after: { fault: frist }, start: node-1 }]',
      '6:66: there is no earlier step "frist"; did you mean "first"?',
    ],
    [
      'after a step below',
      'steps: [{ after: { recovered: kill }, pause: node-1 }, { at: 1s, kill: node-1 }]',
      '6:31: "kill" is no earlier step; it stands below',
    ],
    [
      'after one of several',
      'steps: [{ at: 1s, kill: node-1 }, { at: 2s, kill: node-2 }, { after: { fault: kill }, start: node-1 }]',
      '6:79: several earlier steps kill; give the one that is meant a name',
    ],
    [
      'after nothing in particular',
      'steps: [{ at: 1s, kill: node-1 }, { after: { plus: 1s }, start: node-1 }]',
      '6:44: after needs one of fault and recovered',
    ],
    [
      'a mistyped event',
      'steps: [{ at: 1s, kill: node-1 }, { after: { fault: kill, pluss: 1s }, start: node-1 }]',
      '6:59: unknown key "pluss"; did you mean "plus"?',
    ],
    [
      'a step that is called as a verb',
      'steps: [{ at: 1s, kill: node-1, name: stop }]',
      '6:39: "stop" is a verb; give the step another name',
    ],
    [
      'two steps of one name',
      'steps: [{ at: 1s, kill: node-1, name: x }, { at: 2s, start: node-1, name: x }]',
      '6:75: an earlier step is called "x" too',
    ],
    [
      'chaos at times of its own',
      'steps: [{ every: 1s, chaos: { faults: [{ reset: random }], budget: 2 } }]',
      '6:11: chaos has its own times; no every',
    ],
    [
      'chaos that does not fit into the load',
      'steps: [{ at: 2s, chaos: { faults: [{ kill: random, for: 3s }], budget: 3 } }]',
      '6:73: 3 faults take 9.00s at least; the load leaves 8.00s',
    ],
    [
      'chaos that leaves nodes down',
      'steps: [{ chaos: { faults: [{ kill: random }], budget: 2 } }]',
      '6:31: kill within chaos needs for: after how long it starts again',
    ],
    [
      'chaos that does no harm',
      'steps: [{ chaos: { faults: [{ start: node-1 }], budget: 2 } }]',
      '6:31: start harms nothing; for ends what chaos does',
    ],
    [
      'chaos with an unknown node',
      'steps: [{ chaos: { faults: [{ reset: node-4 }], budget: 2 } }]',
      '6:38: no node is called "node-4"; there are node-1 to node-3; or all, or random',
    ],
    [
      'chaos and a verb',
      'steps: [{ at: 1s, kill: node-1, chaos: { faults: [{ reset: random }], budget: 2 } }]',
      '6:9: a step does one thing; this one has chaos and kill',
    ],
    [
      'a mistyped moment',
      'steps: [{ at: 1s, kill: node-1, moment: before-akc }]',
      '6:41: "before-akc" is not one of the values; did you mean "before-ack"?',
    ],
    [
      'a moment of what is no node',
      'steps: [{ at: 1s, kill: broker, moment: before-ack }]',
      '6:25: only nodes have moments',
    ],
    [
      'a moment with a signal from outside',
      'steps: [{ at: 1s, kill: node-1, moment: before-ack, signal: SIGTERM }]',
      '6:25: at a moment a node kills itself with SIGKILL, not SIGTERM',
    ],
    [
      'a moment of a node that only relays',
      'cluster: { broker: "stomp://h:61613" }\nsteps: [{ at: 1s, kill: node-1, moment: before-ack }]',
      '7:25: a node that relays to a STOMP broker has no moments of its own; use ?connections=shared or another broker',
    ],
    [
      'a command line as a text',
      'steps: [{ at: 1s, exec: docker kill app-2 }]',
      '6:25: expected a command line as a list: [docker, kill, app-2]',
    ],
    [
      'a command on an unknown node',
      'steps: [{ at: 1s, exec: [docker, kill, app], node: node-5 }]',
      '6:52: no node is called "node-5"; there are node-1 to node-3',
    ],
    ['an end of what nothing undoes', 'steps: [{ at: 1s, exec: [sync], for: 1s }]', '6:33: for needs undo'],
    [
      'a command on a node that the target does not have',
      'target: { urls: ["ws://h/ws", "ws://i/ws"] }\nsteps: [{ at: 1s, exec: [a], node: node-3 }]',
      '7:36: no node is called "node-3"; there are node-1 to node-2',
    ],
    ['a mistyped verb', 'steps: [{ at: 1s, kil: node-1 }]', '6:19: unknown key "kil"; did you mean "kill"?'],
    [
      'a mistyped process',
      'steps: [{ at: 1s, kill: brokr }]',
      '6:25: no process is called "brokr"; did you mean "broker"?',
    ],
    [
      'one of several processes',
      'steps: [{ at: 1s, kill: [node-1, node-7] }]',
      '6:34: no process is called "node-7"; there are node-1 to node-3, broker, balancer; or all, or random',
    ],
    [
      'a broker that the run does not start',
      'cluster: { broker: simple }\nsteps: [{ at: 1s, kill: broker }]',
      '7:25: no process is called "broker"; there are node-1 to node-3, balancer; or all, or random',
    ],
    [
      'a step after the end',
      'steps: [{ at: 10s, kill: node-1 }]',
      '6:15: "10s" is not within the load, which ends after 10.0s',
    ],
    [
      'a figure the metric does not have',
      'thresholds: { delivery.missing: ["p(99) < 1s"] }',
      '6:34: "p(99)" cannot be asked of this metric. It has count, rate.',
    ],
    [
      'a threshold without unit',
      'thresholds: { delivery.latency: ["max < 250"] }',
      '6:34: 250 needs a unit. Write 250ms or 250s.',
    ],
    [
      'a threshold that is no condition',
      'thresholds: { delivery.latency: [fast] }',
      '6:34: "fast" is not a condition. Write it like p(99) < 250ms.',
    ],
    [
      'a threshold that is no list',
      'thresholds: { delivery.missing: "count == 0" }',
      '6:33: expected a list, got "count == 0"',
    ],
    [
      'a mistake inside a long threshold',
      'thresholds: { delivery.missing: [{ expr: "count = 0" }] }',
      '6:42: "count = 0" is not a condition. Write it like count == 0.',
    ],
    [
      'a threshold of another type',
      'thresholds: { delivery.missing: [3] }',
      '6:34: expected a condition such as "count == 0", or { expr, abortOnFail }',
    ],
    [
      'an early end by a figure that only the whole run has',
      'thresholds: { reconnect.time: [{ expr: "max < 5s", abortOnFail: true }] }',
      '6:65: "reconnect.time" is known only when the run has ended, so it cannot end it; leave abortOnFail out, or use counts of delivery.latency, delivery.missing, delivery.late, delivery.duplicate, delivery.unexplained, sessions.lost, subscriptions.silent',
    ],
    [
      'a metric from the prototype of objects',
      'thresholds: { __proto__: ["count == 0"] }',
      `6:15: there is no metric "__proto__"; known: ${Object.keys(metricTable).join(', ')}`,
    ],
    ['a timeout that ends the load', 'timeout: 10s', '6:10: shorter than warmup and duration together'],
    ['a duration beyond all bounds', 'warmup: 999999999h', '6:9: "999999999h" is too long; at most 168h'],
    ['an unknown unit', 'warmup: 5sec', '6:9: "5sec" is not a duration; write it like 5s, 5ms'],
    ['an empty value', 'warmup:', '6:8: nothing is not a duration; write it like 5s, 5ms'],
    ['an unknown tag', 'seed: !!js/function 1', '6:7: Unresolved tag: tag:yaml.org,2002:js/function'],
  ])('%s', (_title, block, expected) => {
    expect(placesOf(scenario({ block }))).toEqual([`f.yaml:${expected}`]);
  });

  it.each<[title: string, fields: string, expected: string]>([
    [
      'a name with a space',
      'name: a b, count: 1, subscribe: /a',
      '4:13: a name is made of 1 to 64 of a-z, 0-9 and "-"',
    ],
    ['no count', 'name: a, subscribe: /a', '4:5: missing key "count"'],
    ['a broken count', 'name: a, count: 1.5, subscribe: /a', '4:23: expected a whole number, got 1.5'],
    ['too many clients', 'name: a, count: 100001, subscribe: /a', '4:23: 100001 is out of bounds; at most 100000'],
    ['clients that do nothing', 'name: a, count: 1', '4:5: these clients neither subscribe nor send'],
    ['a list of nothing', 'name: a, count: 1, subscribe: []', '4:37: the list is empty; it needs at least one entry'],
    [
      'a subscription of another type',
      'name: a, count: 1, subscribe: 3',
      '4:37: expected a destination, or a list of them',
    ],
    [
      'a destination with a space',
      'name: a, count: 1, subscribe: "/a b"',
      '4:37: "/a b" is not a destination; write it like /topic/{room}.messages, with A-Z a-z 0-9 . _ -',
    ],
    [
      'a wildcard',
      'name: a, count: 1, subscribe: [/a/*]',
      '4:38: "/a/*" has a wildcard; deliveries to it cannot be counted',
    ],
    [
      'an unknown placeholder',
      'name: a, count: 1, subscribe: "/a/{rom}"',
      '4:37: unknown placeholder "{rom}"; did you mean "room"?',
    ],
    [
      'a peer of somebody who listens',
      'name: a, count: 1, subscribe: "/a/{peer}"',
      '4:37: unknown placeholder "{peer}"; known: room, client, node',
    ],
    [
      "a user's own destination without a user",
      'name: a, count: 1, subscribe: /user/queue/x',
      '4:37: "/user/queue/x" needs to know whose it is; give these clients a user: "{client}"',
    ],
    [
      "a subscription to another user's destination",
      'name: a, count: 1, user: b, subscribe: /user/c/queue/x',
      '4:46: "/user/c/queue/x" is not what users subscribe to as their own; write it like /user/queue/private',
    ],
    [
      'a private message to nobody',
      'name: a, count: 1, send: { to: /user/queue/x, every: 1s }',
      '4:38: "/user/queue/x" says no user to send to; write it like /user/{peer}/queue/private',
    ],
    [
      'a user with a slash',
      'name: a, count: 1, user: b/c, subscribe: /a',
      '4:32: "b/c" is no name of a user; write it like "{client}", with A-Z a-z 0-9 . _ @ + -, at most 128',
    ],
    [
      'a destination that is too long only with its user',
      `name: a, count: 1, user: ${'_'.repeat(100)}, subscribe: /user/queue/x`,
      '4:145: "/user/queue/x" becomes longer than 255 bytes',
    ],
    [
      'a body without room for the stamp',
      'name: a, count: 1, send: { to: /a, every: 1s, size: 95B }',
      '4:59: "95B" is out of bounds; from 96B to 64KB',
    ],
    ['a rate without unit', 'name: a, count: 1, subscribe: /a, connect: { rate: 50 }', '4:58: 50 needs a unit: 50/s'],
    [
      'an unknown profile',
      'name: a, count: 1, subscribe: /a, reconnect: { profile: stompjs }',
      '4:63: "stompjs" is not one of the values; known: stompjs-default, stompjs-exponential, sockjs-none, fixed-10s, full-jitter',
    ],
    [
      'a delay that the profile does not have',
      'name: a, count: 1, subscribe: /a, reconnect: { delay: 1s }',
      '4:54: the profile full-jitter has no delay; it has only min and max',
    ],
    [
      'bounds the wrong way round',
      'name: a, count: 1, subscribe: /a, reconnect: { min: 2s, max: 1s }',
      '4:68: max is shorter than min',
    ],
    [
      'an absence without end',
      'name: a, count: 1, subscribe: /a, unsubscribe: { every: 2s, for: 2s }',
      '4:72: not shorter than every: they would never come back',
    ],
  ])('of a client: %s', (_title, fields, expected) => {
    expect(placesOf(scenario({ clients: `clients:\n  - { ${fields} }` }))).toEqual([`f.yaml:${expected}`]);
  });

  it('two groups of one name', () => {
    const group = '{ name: a, count: 1, subscribe: /a }';
    expect(placesOf(scenario({ clients: `clients: [${group}, ${group}]` }))).toEqual([
      'f.yaml:3:57: another group is called "a" too',
    ]);
  });

  it('a balancer that does not exist', () => {
    const clients = 'clients: [{ name: a, count: 1, subscribe: /a, connect: { via: balancer } }]';
    expect(placesOf(scenario({ clients, cluster: 'cluster: { balancer: { kind: none } }' }))).toEqual([
      'f.yaml:3:63: the cluster has no balancer; write via: nodes',
    ]);
  });

  it.each([
    ['', 'f.yaml: the file is empty; cluster-chat init writes a scenario to begin with'],
    ['# only words\n', 'f.yaml: the file is empty; cluster-chat init writes a scenario to begin with'],
    ['just text', 'f.yaml:1:1: expected a map, got "just text"'],
    ['[1, 2]', 'f.yaml:1:1: expected a map, got a list'],
    ['a: [', 'f.yaml:1:5: Flow sequence in block collection must be sufficiently indented and end with a ]'],
  ])('the whole file %j', (text, expected) => {
    expect(placesOf(text)[0]).toBe(expected);
  });
});

describe('secrets are not repeated in messages', () => {
  it.each([
    'target: { urls: ["ws://h/ws"], passcode: 4711 }',
    'target:\n  urls: ["ws://h/ws"]\n  passcode: 4711',
    'target: { urls: ["ws://h/ws"], headers: { cookie: 4711 } }',
    'target: { urls: ["http://user:4711@h/ws"] }',
    'cluster: { broker: "stomp://user:4711@h x" }',
    'cluster: { sessions: "redis://user:4711@h x" }',
  ])('%s', (block) => {
    const mistakes = mistakesOf(scenario({ block }));
    expect(mistakes).toHaveLength(1);
    expect(mistakes.join('\n')).not.toContain('4711');
  });

  it.each(['target.passcode=4711', 'cluster.broker=xx stomp://u:4711@h', 'nothing.token=4711'])(
    '--set %s',
    (override) => {
      const mistakes = mistakesOf(scenario({ target: 'target: { urls: ["x"] }' }), [override]);
      expect(mistakes.length).toBeGreaterThan(0);
      expect(mistakes.join('\n')).not.toContain('4711');
    },
  );
});

it('shows control characters of the file instead of sending them to the terminal', () => {
  const mistakes = mistakesOf(scenario({ block: '"\\e[2Jx\\u202e": 1' }));
  expect(mistakes).toHaveLength(1);
  expect(mistakes[0]).toContain('\\u001b[2Jx\\u{202e}');
});
