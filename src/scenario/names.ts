/** What a step can do to a process, or to its link to the broker. */
export const stepVerbs = ['kill', 'stop', 'start', 'restart', 'pause', 'unpause', 'cut', 'mend'] as const;
export type StepVerb = (typeof stepVerbs)[number];
