import { reconnectProfiles } from '../client/reconnect-profiles.js';
import { isSessionsAddress } from '../cluster/topology.js';
import { suggestion } from '../core/nearest.js';
import { parseDuration } from '../core/quantity.js';
import { redactUrl } from '../core/redact.js';
import { destinationProblem, userProblem } from './destination.js';
import type { Path, Problem } from './problem.js';
import { quote } from './quote.js';
import { asList, asMap, asTexts, type RawMap } from './raw.js';
import { stepProblems } from './step-check.js';
import { thresholdProblems } from './threshold-check.js';

/**
 * Finds what one key alone cannot show: keys that contradict each other, names that nothing bears.
 * Works on a scenario that may break the schema too, so that all mistakes are told at once.
 */
export function checkScenario(raw: RawMap): Problem[] {
  return [
    ...systemProblems(raw),
    ...asList(raw['clients']).flatMap((group, index) => clientProblems(raw, asMap(group), ['clients', index])),
    ...nameProblems(raw),
    ...stepProblems(raw),
    ...thresholdProblems(asMap(raw['thresholds'])),
    ...timeoutProblems(raw),
  ];
}

function problem(path: Path, message: string): Problem {
  return { path, at: 'value', message };
}

function systemProblems(raw: RawMap): Problem[] {
  const problems: Problem[] = [];
  if (raw['cluster'] !== undefined && raw['target'] !== undefined) {
    const message = 'a scenario has either cluster (started here) or target (running elsewhere), not both';
    problems.push({ path: ['target'], at: 'key', message });
  }
  const broker = asMap(raw['cluster'])['broker'];
  if (typeof broker === 'string' && !/^(simple|embedded|[a-z][a-z0-9+.-]{0,19}:\/\/[^\s]+)$/.test(broker)) {
    const meant = suggestion(broker, ['simple', 'embedded', 'stomp://host:61613']);
    problems.push(problem(['cluster', 'broker'], `${quote(broker)} is no broker; ${meant}`));
  }
  const history = asMap(raw['cluster'])['history'];
  if (history !== undefined && broker !== undefined && broker !== 'embedded') {
    const message =
      'only the embedded broker keeps messages for as long as it is told; leave history out (--set cluster.history=null)';
    problems.push({ path: ['cluster', 'history'], at: 'key', message });
  }
  const sessions = asMap(raw['cluster'])['sessions'];
  if (typeof sessions === 'string' && !isSessionsAddress(sessions)) {
    const meant = suggestion(sessions, ['memory', 'redis://127.0.0.1:6379']);
    problems.push(problem(['cluster', 'sessions'], `${quote(redactUrl(sessions))} is no store of sessions; ${meant}`));
  }
  for (const [index, url] of asList(asMap(raw['target'])['urls']).entries()) {
    if (typeof url === 'string' && !isWebSocketUrl(url)) {
      problems.push(problem(['target', 'urls', index], 'not a WebSocket URL; write it like ws://127.0.0.1:8080/ws'));
    }
  }
  return problems;
}

function isWebSocketUrl(text: string): boolean {
  return URL.canParse(text) && /^wss?:$/.test(new URL(text).protocol);
}

function clientProblems(raw: RawMap, group: RawMap, path: Path): Problem[] {
  // A program of the user's own may have other rules for destinations than our node.
  const isOwnNode = raw['target'] === undefined && asMap(raw['cluster'])['program'] === undefined;
  const { named, problems } = userOf(group, path);
  const subscribe = group['subscribe'];
  for (const [index, template] of asTexts(subscribe).entries()) {
    const message = destinationProblem(template, { verb: 'subscribe', isOwnNode, user: named });
    const where = Array.isArray(subscribe) ? ['subscribe', index] : ['subscribe'];
    if (message !== undefined) problems.push(problem([...path, ...where], message));
  }
  const to = asMap(group['send'])['to'];
  const message = typeof to === 'string' ? destinationProblem(to, { verb: 'send', isOwnNode, user: named }) : undefined;
  if (message !== undefined) problems.push(problem([...path, 'send', 'to'], message));
  if (subscribe === undefined && group['send'] === undefined && Object.keys(group).length > 0) {
    problems.push(problem(path, 'these clients neither subscribe nor send'));
  }
  if (asMap(group['connect'])['via'] === 'balancer' && asMap(asMap(raw['cluster'])['balancer'])['kind'] === 'none') {
    problems.push(problem([...path, 'connect', 'via'], 'the cluster has no balancer; write via: nodes'));
  }
  if (group['session'] === true && !isOwnNode) {
    problems.push(problem([...path, 'session'], 'only nodes of ours know how to log these clients in'));
  }
  problems.push(...absenceProblems(asMap(group['unsubscribe']), [...path, 'unsubscribe']));
  return [...problems, ...reconnectProblems(asMap(group['reconnect']), [...path, 'reconnect'])];
}

function absenceProblems(unsubscribe: RawMap, path: Path): Problem[] {
  const every = durationOf(unsubscribe['every']);
  const length = durationOf(unsubscribe['for']);
  if (every === undefined || length === undefined || length < every) return [];
  return [problem([...path, 'for'], 'not shorter than every: they would never come back')];
}

/** As whom the clients connect, and what is wrong with that. Who logs in over HTTP is somebody in any case. */
function userOf(group: RawMap, path: Path): { named: string | undefined; problems: Problem[] } {
  const { user } = group;
  if (typeof user !== 'string' || user === '') {
    return { named: group['session'] === true ? '{client}' : undefined, problems: [] };
  }
  const message = userProblem(user);
  return { named: user, problems: message === undefined ? [] : [problem([...path, 'user'], message)] };
}

function reconnectProblems(reconnect: RawMap, path: Path): Problem[] {
  const profile = reconnect['profile'] ?? 'full-jitter';
  if (typeof profile !== 'string' || !Object.hasOwn(reconnectProfiles, profile)) return [];
  const rule = reconnectProfiles[profile as keyof typeof reconnectProfiles].type;
  const allowed = rule === 'full-jitter' ? ['min', 'max'] : rule === 'fixed' ? ['delay'] : [];
  const idle = ['min', 'max', 'delay'].filter((key) => reconnect[key] !== undefined && !allowed.includes(key));
  const problems = idle.map((key): Problem => {
    const has = allowed.length === 0 ? 'nothing to adjust' : `only ${allowed.join(' and ')}`;
    return { path: [...path, key], at: 'key', message: `the profile ${profile} has no ${key}; it has ${has}` };
  });
  const min = durationOf(reconnect['min']);
  const max = durationOf(reconnect['max']);
  if (min !== undefined && max !== undefined && min > max) {
    problems.push(problem([...path, 'max'], 'max is shorter than min'));
  }
  return problems;
}

function nameProblems(raw: RawMap): Problem[] {
  const seen = new Set<unknown>();
  return asList(raw['clients']).flatMap((group, index) => {
    const name = asMap(group)['name'];
    if (name !== undefined && seen.has(name)) {
      return [problem(['clients', index, 'name'], `another group is called ${quote(name)} too`)];
    }
    seen.add(name);
    return [];
  });
}

function timeoutProblems(raw: RawMap): Problem[] {
  const timeout = durationOf(raw['timeout']);
  const length = durationOf(raw['duration']);
  if (timeout === undefined || length === undefined) return [];
  const neededMs = length + (durationOf(raw['warmup']) ?? 0);
  return timeout > neededMs ? [] : [problem(['timeout'], 'shorter than warmup and duration together')];
}

function durationOf(value: unknown): number | undefined {
  return typeof value === 'string' ? parseDuration(value) : undefined;
}
