/** As much of stompit as the tests use; it brings no types. */
declare module 'stompit' {
  export interface StompitMessage {
    readonly headers: Readonly<Record<string, string>>;
    readString(encoding: string, done: (error: Error | null, body: string) => void): void;
  }
  export interface StompitSubscription {
    unsubscribe(): void;
  }
  export interface StompitClient {
    subscribe(
      headers: Readonly<Record<string, string>>,
      onMessage: (error: Error | null, message: StompitMessage) => void,
    ): StompitSubscription;
    sendString(
      headers: Readonly<Record<string, string>>,
      body: string,
      options: object,
      done: (error?: Error) => void,
    ): void;
    begin(): StompitTransaction;
    ack(message: StompitMessage): void;
    nack(message: StompitMessage): void;
    disconnect(done: (error: Error | null) => void): void;
  }
  export interface StompitTransaction {
    send(headers: Readonly<Record<string, string>>): { end(body: string): void };
    commit(options: { onReceipt: () => void }): void;
  }

  export function connect(options: object, done: (error: Error | null, client: StompitClient) => void): void;
}
