import type { Cluster } from '../cluster/cluster.js';
import type { RunnerChannel } from '../load/protocol.js';
import { orAborted } from './or-aborted.js';

/**
 * Starts a run's worker processes beside the cluster's; resolves with a channel to each when all are ready. Rejects with
 * the reason of `signal` as soon as that is aborted: nobody has to wait for a worker that is slow to begin.
 */
export async function launchWorkers(cluster: Cluster, count: number, signal: AbortSignal): Promise<RunnerChannel[]> {
  const workers = Array.from({ length: count }, (_, index) => launchWorker(cluster, `worker-${index + 1}`));
  return orAborted(Promise.all(workers), signal);
}

async function launchWorker(cluster: Cluster, name: string): Promise<RunnerChannel> {
  const child = await cluster.launch({
    name,
    role: 'worker',
    command: { type: 'own', args: ['worker', '--name', name] },
    host: '127.0.0.1',
    port: null,
    env: {},
  });
  return {
    send: (message) => child.send(message),
    onMessage: (listener) => child.onMessage((message) => listener(message as Parameters<typeof listener>[0])),
    onClosed: (listener) => child.onClosed(listener),
  };
}
