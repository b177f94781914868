import { residentBytes } from '../core/usage.js';
import type { Balancer } from '../proxy/balancer.js';
import { type HttpRoutes, jsonAnswer } from '../server/http.js';
import { LoadMonitor } from '../server/load-monitor.js';
import { createCounters } from '../server/metrics.js';

/** What a balancer says of itself at `GET /health`. Its port passes every path to a node, so this needs another. */
export class BalancerHealth implements Disposable {
  readonly #balancer: Balancer;
  // A balancer counts no messages: it looks at no byte of them.
  readonly #load = new LoadMonitor(createCounters());

  constructor(balancer: Balancer) {
    this.#balancer = balancer;
  }

  routes(): HttpRoutes {
    return new Map([['/health', () => jsonAnswer(this.#health())]]);
  }

  [Symbol.dispose](): void {
    this.#load.close();
  }

  #health() {
    const { backends, connections, accepted, refused } = this.#balancer.status();
    const { cpuPercent, loopDelayMs } = this.#load.read();
    return {
      schema: 'cluster-chat/health@1',
      name: 'balancer',
      status: 'ok',
      connections,
      accepted,
      refused,
      backends,
      rssBytes: residentBytes(),
      cpuPercent,
      loopDelayMs,
    };
  }
}
