/** The frames whose headers are never escaped, so that a 1.0 peer can read them [E04]; STOMP is CONNECT [C01]. */
export function isConnecting(command: string): boolean {
  return command === 'CONNECT' || command === 'CONNECTED' || command === 'STOMP';
}

/** Only these frames may have a body [F10]. */
export function mayHaveBody(command: string): boolean {
  return command === 'MESSAGE' || command === 'SEND' || command === 'ERROR';
}
