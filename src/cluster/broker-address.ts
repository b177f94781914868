/** Where brokers listen when their URL names no port [IANA registry of service names]. */
const usualPorts: ReadonlyMap<string, number> = new Map([
  ['stomp:', 61_613],
  ['stomps:', 61_614],
  ['redis:', 6379],
  ['rediss:', 6379],
  ['amqp:', 5672],
  ['amqps:', 5671],
]);

/** Host and port of a broker's URL; undefined for what is no URL, or one of a protocol without a usual port and none named. */
export function brokerAddress(broker: string): { readonly host: string; readonly port: number } | undefined {
  const url = URL.canParse(broker) ? new URL(broker) : undefined;
  const port = url === undefined ? undefined : Number(url.port) || usualPorts.get(url.protocol);
  if (url === undefined || port === undefined) return undefined;
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port };
}
