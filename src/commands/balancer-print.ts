import { unreachable } from '../core/errors.js';
import type { BackendOptions } from '../proxy/backend.js';
import type { FrontDoor } from '../proxy/front-door.js';
import { haproxyConfig } from '../proxy/haproxy-config.js';
import { nginxConfig } from '../proxy/nginx-config.js';
import type { BalancerPieceOptions } from './piece-entries.js';

/** The configuration of a real load balancer for production: what the cluster runs with, without what is private to a run. */
export function printedConfig(
  program: 'haproxy' | 'nginx',
  options: BalancerPieceOptions,
  backends: readonly BackendOptions[],
): string {
  const door: FrontDoor & { readonly supervised: undefined } = {
    host: options.host,
    port: options.port,
    policy: options.policy,
    nodes: backends.map((backend) => ({ ...backend, isDraining: false })),
    readyPath: '/ready',
    supervised: undefined,
  };
  switch (program) {
    case 'haproxy':
      return haproxyConfig(door);
    case 'nginx':
      return nginxConfig(door);
    default:
      return unreachable(program);
  }
}
