import { once } from 'node:events';
import type { Cluster } from '../cluster/cluster.js';
import { ControlServer } from '../cluster/control-server.js';
import { openCluster } from '../cluster/open-cluster.js';
import { placeOf } from '../cluster/project.js';
import { ProjectClaim } from '../cluster/project-claim.js';
import { type ExitCode, exitCode } from '../core/exit-code.js';
import { processAgeMs } from '../core/process-age.js';
import type { UpOptions } from './cluster-entries.js';
import { type CommandContext, printLine } from './context.js';
import { type EndRequest, listenForEnd } from './end-request.js';
import { upBanner, upDocument } from './up-banner.js';
import { isPortExplicit, topologyOf } from './up-topology.js';
import { watchCluster } from './watch-cluster.js';

/** What nodes get to say goodbye to their clients. */
const drainMs = 10_000;

/** Starts a cluster and supervises it until the first signal; the second ends it at once. */
export async function upForeground(options: UpOptions, context: CommandContext): Promise<ExitCode> {
  const topology = topologyOf(options, context);
  const place = placeOf(context.cwd, options.project);
  using end = listenForEnd(context);
  const claim = await ProjectClaim.take(place);
  try {
    await using cluster = await openCluster(topology, {
      env: context.env,
      cwd: context.cwd,
      project: options.project,
      logFolder: place.logFolder,
      mayMovePorts: !isPortExplicit(context),
      signal: end.first,
      onEvent: (event) => claim.note(event),
    });
    await using control = await ControlServer.open(cluster);
    claim.ready({ url: control.url, token: control.token });
    const facts = {
      options,
      brokerKind: topology.brokerKind,
      processes: cluster.lastStatus,
      readyMs: processAgeMs(),
      cleaned: claim.cleaned,
    };
    const words = options.json ? [JSON.stringify(upDocument(facts))] : upBanner(facts);
    for (const line of words) printLine(context, line);
    return await superviseUntil(end, { cluster, claim }, options, context);
  } catch (error) {
    // A start that the user broke off is no failure.
    if (end.first.aborted) return end.forcedCode();
    throw error;
  } finally {
    claim.release();
  }
}

async function superviseUntil(
  end: EndRequest,
  { cluster, claim }: { readonly cluster: Cluster; readonly claim: ProjectClaim },
  options: UpOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const title = `cluster-chat · ${options.project}`;
  const watch = await watchCluster(cluster, { isJson: options.json, title, onQuit: end.request }, context);
  claim.onFailure((error) =>
    watch.warn(`other commands may not know of all processes, their list cannot be written (${error.message})`),
  );
  try {
    if (!end.first.aborted) await once(end.first, 'abort');
    watch.say('going down; once more to force it');
    const hurry = (): void => void cluster.close({ graceMs: 0 });
    end.second.addEventListener('abort', hurry, { once: true });
    await cluster.close({ graceMs: drainMs });
  } finally {
    watch.close();
  }
  return end.second.aborted ? end.forcedCode() : exitCode.ok;
}
