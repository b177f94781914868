/** The octets that have a meaning of their own in the framing of STOMP. */
export const octet = {
  nul: 0x00,
  lineFeed: 0x0a,
  carriageReturn: 0x0d,
  colon: 0x3a,
  upperA: 0x41,
  upperZ: 0x5a,
  backslash: 0x5c,
} as const;
