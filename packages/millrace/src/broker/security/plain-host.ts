import { isIPv6 } from 'node:net';

/**
 * One way to write an address: rules and connections are compared by it. An IPv4 client of a socket for both families is
 * `::ffff:10.0.0.1` there, and Java writes `0:0:0:0:0:0:0:1` for `::1`. What is no IPv6 address stays as it is.
 */
export function plainHost(host: string): string {
  if (!isIPv6(host)) return host;
  const [address, zone] = host.split('%') as [string, string?];
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short) ?? [];
  if (high === undefined || low === undefined) return zone === undefined ? short : `${short}%${zone}`;
  const bits = [high, low].map((each) => Number.parseInt(each, 16));
  return bits.flatMap((each) => [each >> 8, each & 0xff]).join('.');
}
