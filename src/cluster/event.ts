import type { Exit } from './exit.js';
import type { LinkSide } from './link-side.js';

/** What happened to a process of the cluster. Every event has a name and a time of the host's monotonic clock. */
export type ClusterEvent = { readonly name: string; readonly atMicros: number } & ProcessChange;

export type ProcessChange =
  | { readonly type: 'process-started'; readonly pid: number }
  | {
      readonly type: 'process-ready';
      readonly port: number | null;
      readonly url: string | null;
      /** From spawning it to its ready line. */
      readonly tookMs: number;
    }
  | { readonly type: 'process-draining' }
  /** It ended because it was told to. */
  | ({ readonly type: 'process-exited'; readonly pid: number | null } & Exit)
  /** It ended although nobody asked; it is not started again by itself. */
  | ({ readonly type: 'process-crashed'; readonly pid: number | null; readonly lastLines: readonly string[] } & Exit)
  | { readonly type: 'process-paused' }
  | { readonly type: 'process-unpaused' }
  /** The link to the broker was cut: of a node, or of all when it is the broker's name. */
  | { readonly type: 'link-cut'; readonly connections: number }
  | { readonly type: 'link-mended' }
  /** Something is done to the connections of a node's link: those that there are, and with a toxic each new one. */
  | { readonly type: 'link-disturbed'; readonly side: LinkSide; readonly by: string; readonly connections: number }
  | { readonly type: 'link-cured'; readonly side: LinkSide; readonly of: string }
  /** It lives but does not answer within a second. */
  | { readonly type: 'process-hung' }
  /** It answers again after it was hung. */
  | { readonly type: 'process-answered' }
  /** The watch that ends orphans is gone and could not be renewed. */
  | { readonly type: 'leash-lost'; readonly reason: string }
  /** Its log file cannot be written any more. */
  | { readonly type: 'log-lost'; readonly reason: string };
