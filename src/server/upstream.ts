import type { Frame, FrameHeaders } from '../stomp/frame.js';

/** What a session needs of the broker connection that is its own; see `RelaySession`. */
export interface Upstream {
  /** Open subscriptions. */
  readonly subscriptions: number;
  /** The destinations of these, as the client named them. */
  destinations(): string[];
  /**
   * Connects to the broker, then tells the session that it is connected, with these headers and more; or
   * fails it.
   */
  connect(headers: FrameHeaders): void;
  /** Takes a frame of the client; until the broker is there it is held. */
  receive(frame: Frame): void;
  /** Takes leave of the broker; resolves when the broker has finished what it was sent, is gone, or took too long. */
  leave(timeoutMs: number): Promise<void>;
  /** Ends the connection; the broker takes back what was not acknowledged. */
  end(): void;
}
