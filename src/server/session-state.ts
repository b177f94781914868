/** Where a session stands; handlers ask for it, nobody keeps booleans beside it. */
export type SessionState =
  | { readonly type: 'awaiting-connect' }
  /** CONNECT was accepted and waits for the session's own broker connection: frames may come, and are held. */
  | { readonly type: 'connecting' }
  | { readonly type: 'connected' }
  /** DISCONNECT was received or the node drains: what was accepted is finished, nothing new is taken. */
  | { readonly type: 'leaving' }
  | { readonly type: 'ended' };
