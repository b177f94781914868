/** What a step may say about a fault besides its verb, as data: the schema, its page and the checks are made from it. */
export type FaultOption = { readonly description: string } & (
  | {
      readonly type: 'choice';
      readonly values: readonly string[];
      readonly default?: string;
      /** The default is what everybody expects, so that people are not told of it. */
      readonly isPlain?: boolean;
    }
  /** Milliseconds once it is read, written like `50ms`. */
  | { readonly type: 'duration'; readonly minMs: number; readonly default?: number }
  /** Milliseconds once it is read, forward or backward, written like `5s` or `-5s`; never 0. */
  | { readonly type: 'shift'; readonly leastMs: number; readonly default?: number }
  /** From 0 to 1 once it is read, written like `10%`. */
  | { readonly type: 'share'; readonly default?: number }
  /** Bytes once it is read, written like `100KB`. */
  | { readonly type: 'size'; readonly minBytes: number; readonly maxBytes: number; readonly default?: number }
  /** The name of a node of the scenario; empty for none. */
  | { readonly type: 'node'; readonly default?: string }
  /** A command line: the program, and what it is given. Never read by a shell; empty for none. */
  | { readonly type: 'command'; readonly default?: readonly string[] }
);

/** The options of one fault by name. Without a default a step must name it. */
export type FaultOptions = Readonly<Record<string, FaultOption>>;

export type OptionValue = string | number | readonly string[];

/** What a step says about each option, or the default. */
export type OptionValues<Options extends FaultOptions> = {
  readonly [Name in keyof Options]: Options[Name] extends { readonly values: readonly (infer Value)[] }
    ? Value
    : Options[Name] extends { readonly type: 'duration' | 'size' | 'shift' | 'share' }
      ? number
      : Options[Name] extends { readonly type: 'node' }
        ? string
        : Options[Name] extends { readonly type: 'command' }
          ? readonly string[]
          : OptionValue;
};
