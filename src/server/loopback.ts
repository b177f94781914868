import { isIPv4 } from 'node:net';

/**
 * Whether an address is this machine's own: 127.0.0.0/8, ::1, or the former mapped into IPv6. A name
 * such as `127.evil.example` only looks like one.
 */
export function isLoopback(address: string): boolean {
  if (address === '::1' || address === 'localhost') return true;
  const plain = address.replace(/^::ffff:/, '');
  return plain.startsWith('127.') && isIPv4(plain);
}

/** Whether a Host header names this machine, against DNS rebinding; a port behind it does not matter. */
export function isLoopbackHost(host: string | undefined): boolean {
  if (host === undefined) return false;
  return isLoopback(
    host
      .toLowerCase()
      .replace(/:\d+$/, '')
      .replace(/^\[(.*)\]$/, '$1'),
  );
}
