/** What goes one way on a connection, in its order: bytes, and at last how that way ended. */
export type Piece =
  /** `atMs`: when it was read, by the clock of the host. */
  | { readonly type: 'bytes'; readonly bytes: Buffer; readonly atMs: number }
  /** The peer has nothing more to say (FIN). */
  | { readonly type: 'end'; readonly atMs: number }
  /** The connection broke (RST, or its peer is gone). */
  | { readonly type: 'reset'; readonly atMs: number };
