import type { FaultTarget } from '../faults/fault.js';
import { fillableNames } from '../faults/fill.js';
import { asList, asMap, asTexts, type RawMap } from './raw.js';

/** How a step names what a fault is done to. */
export interface StepTargets {
  /** The names, as the description of a key ends with them. */
  readonly words: string;
  /** What one of them is, where something else was written. */
  readonly what: string;
  /** What bears such a name, where nothing does. */
  readonly noun: string;
  /** Words that stand for several names, or for one that the seed chooses. */
  readonly choices: readonly ('all' | 'random')[];
  /** The names that this scenario has; undefined when it is not understood well enough to tell. */
  names(raw: RawMap): readonly string[] | undefined;
  /** For which names `all` stands. */
  all(raw: RawMap): readonly string[];
  /** Why this scenario has nothing of the kind that a step needs, whatever the name; undefined when it has. */
  problem(raw: RawMap, step: RawMap): string | undefined;
}

const defaultNodes = 3;

/** The nodes that a scenario has, its own or those of a target; undefined when that is wrong, which is told elsewhere. */
export function nodesOf(raw: RawMap): readonly string[] | undefined {
  if (raw['target'] !== undefined) return asList(asMap(raw['target'])['urls']).map((_, index) => `node-${index + 1}`);
  const nodes = asMap(raw['cluster'])['nodes'] ?? defaultNodes;
  return typeof nodes === 'number' && nodes >= 1 && nodes <= 32
    ? Array.from({ length: nodes }, (_, index) => `node-${index + 1}`)
    : undefined;
}

function brokerOf(raw: RawMap): unknown {
  return asMap(raw['cluster'])['broker'] ?? 'embedded';
}

/** Only processes that the run starts itself can be harmed by it. */
function processNames(raw: RawMap): readonly string[] | undefined {
  const nodes = nodesOf(raw);
  if (nodes === undefined) return undefined;
  const broker = brokerOf(raw) === 'embedded' ? ['broker'] : [];
  const balancer = asMap(asMap(raw['cluster'])['balancer'])['kind'] === 'none' ? [] : ['balancer'];
  return [...nodes, ...broker, ...balancer];
}

/** A link is cut in a proxy of ours, which TLS would not accept as the broker; the simple broker has none. */
function brokerLinkProblem(raw: RawMap): string | undefined {
  const broker = brokerOf(raw);
  if (broker === 'simple') return 'the broker "simple" has no link that could be cut';
  if (typeof broker !== 'string' || !/^(rediss|amqps|stomps):/i.test(broker)) return undefined;
  return 'a link with TLS cannot be cut; use a URL of the broker without TLS';
}

/** Only a node of ours that distributes messages itself can kill itself while it does. */
function momentProblem(raw: RawMap, step: RawMap): string | undefined {
  const { moment, signal } = step;
  if (step['kill'] === undefined || moment === undefined || moment === 'at-once') return undefined;
  const [broker, known] = [brokerOf(raw), [...(nodesOf(raw) ?? []), 'all', 'random']];
  if (signal !== undefined && signal !== 'SIGKILL')
    return `at a moment a node kills itself with SIGKILL, not ${signal}`;
  if (asMap(raw['cluster'])['program'] !== undefined)
    return 'only nodes of ours have moments; leave out cluster.program';
  if (typeof broker === 'string' && /^stomps?:/i.test(broker) && !/[?&]connections=shared\b/.test(broker)) {
    return 'a node that relays to a STOMP broker has no moments of its own; use ?connections=shared or another broker';
  }
  return asTexts(step['kill']).every((name) => known.includes(name)) ? undefined : 'only nodes have moments';
}

/** Only what is started from a file can read it again. */
function configurationProblem(raw: RawMap): string | undefined {
  const kind = asMap(asMap(raw['cluster'])['balancer'])['kind'] ?? 'embedded';
  if (kind === 'none') return 'there is no balancer';
  return kind === 'embedded' ? 'the embedded balancer reads no file; use kind haproxy or nginx' : undefined;
}

function groupsOf(raw: RawMap): readonly string[] {
  return asList(raw['clients']).flatMap((group) => {
    const { name } = asMap(group);
    return typeof name === 'string' ? [name] : [];
  });
}

/** Every kind of thing that a fault can be done to. */
export const stepTargets: Readonly<Record<FaultTarget, StepTargets>> = {
  process: {
    words: 'node-1 …, broker, balancer, all (nodes), or random (one node, chosen by the seed)',
    what: 'the name of a process',
    noun: 'process',
    choices: ['all', 'random'],
    names: processNames,
    all: (raw) => nodesOf(raw) ?? [],
    problem: momentProblem,
  },
  'broker-link': {
    words: 'of node-1 …, all, random (one node, chosen by the seed), or broker (the same as all)',
    what: 'the name of a node',
    noun: 'process',
    choices: ['all', 'random'],
    all: (raw) => nodesOf(raw) ?? [],
    names: (raw) => {
      const nodes = nodesOf(raw);
      // Whoever runs the broker, a link leads to it.
      return nodes && [...nodes, 'broker'];
    },
    problem: brokerLinkProblem,
  },
  link: {
    words: 'of node-1 …, all, or random (one node, chosen by the seed)',
    what: 'the name of a node',
    noun: 'node',
    choices: ['all', 'random'],
    names: nodesOf,
    all: (raw) => nodesOf(raw) ?? [],
    problem: (raw, step) => (step['on'] === 'broker' ? brokerLinkProblem(raw) : undefined),
  },
  command: {
    words: 'a command line',
    what: 'a command line',
    noun: 'command',
    choices: [],
    names: () => undefined,
    all: () => [],
    problem: () => undefined,
  },
  'configured-balancer': {
    words: 'balancer',
    what: 'balancer',
    noun: 'balancer',
    choices: [],
    names: () => ['balancer'],
    all: () => [],
    problem: configurationProblem,
  },
  group: {
    words: 'the name of a group of clients, or all',
    what: 'the name of a group of clients',
    noun: 'group of clients',
    choices: ['all'],
    names: groupsOf,
    all: groupsOf,
    problem: () => undefined,
  },
  results: {
    words: 'results (everything), events (events.ndjson), or reports (result.json and the reports beside it)',
    what: 'results, events or reports',
    noun: 'part of what a run leaves behind',
    choices: [],
    names: () => fillableNames,
    all: () => [],
    problem: () => undefined,
  },
};
