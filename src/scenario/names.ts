/** What a step can do to a process. */
export const stepVerbs = ['kill', 'stop', 'start', 'restart', 'pause', 'unpause'] as const;
export type StepVerb = (typeof stepVerbs)[number];
