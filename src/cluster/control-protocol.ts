/** The verbs that name one process. */
export const controlVerbs = ['kill', 'stop', 'start', 'restart', 'pause', 'unpause'] as const;

export type ControlVerb = (typeof controlVerbs)[number];

/** What a command asks of the supervisor of a running cluster: the body of `POST /v1`. */
export type ControlRequest =
  | { readonly verb: 'status' }
  | { readonly verb: 'kill'; readonly name: string; readonly signal: NodeJS.Signals }
  | { readonly verb: Exclude<ControlVerb, 'kill'>; readonly name: string };
