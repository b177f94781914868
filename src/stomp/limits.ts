/** What a decoder accepts at most from a peer. Each bound is enforced while the octets arrive [L01, L02, L03]. */
export interface CodecLimits {
  /** Octets of the command line without its end of line. */
  readonly maxCommandBytes: number;
  /** Header lines of one frame, repeated ones included. */
  readonly maxHeaders: number;
  /** Octets of one header line without its end of line. */
  readonly maxHeaderLineBytes: number;
  /** Octets of all header lines together, ends of lines included, the blank line not. */
  readonly maxHeaderBlockBytes: number;
  /** Octets of the body, announced by content-length or not. */
  readonly maxBodyBytes: number;
}

export const defaultLimits: CodecLimits = {
  maxCommandBytes: 32,
  maxHeaders: 100,
  maxHeaderLineBytes: 8 * 1024,
  maxHeaderBlockBytes: 32 * 1024,
  maxBodyBytes: 64 * 1024,
};
