/** A list of servers, separated by commas. */
export function splitServers(text: string): readonly string[] {
  return text
    .split(',')
    .map((server) => server.trim())
    .filter((server) => server !== '');
}

/** What Kafka's clients refuse in an address (ClientUtils.parseAndValidateAddresses), without asking DNS; null: nothing. */
export function hostPortFault(
  server: string,
  usualPort: number,
): { message: string; suggestion: string } | null {
  const bare = server.replace(/^[A-Za-z_]+:\/\//, '');
  const parts = /^(?:\[([^[\]]*)\]|([^[\]]*)):([^:[\]]*)$/.exec(bare);
  const host = parts?.[1] ?? parts?.[2] ?? bare;
  if (bare !== server) return { message: 'has a protocol in front', suggestion: `write ${bare}` };
  if (parts === null || (parts[2]?.includes(':') ?? false)) {
    if (/^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(server)) {
      return { message: 'is an IPv6 address without brackets', suggestion: `write [${server}]:${usualPort}` };
    }
    const port = /^[\w.%-]+$/.test(server)
      ? `write ${server}:${usualPort}`
      : 'servers are host:port, separated by commas';
    return { message: 'has no port', suggestion: port };
  }
  if (!/^[\w.%:-]+$/.test(host)) {
    return {
      message: 'has no host that could be one',
      suggestion: 'servers are host:port, separated by commas',
    };
  }
  const port = Number(parts[3]);
  if (!/^\d+$/.test(parts[3]!) || port < 1 || port > 65535) {
    return { message: 'has a port that is not 1 to 65535', suggestion: `write ${host}:${usualPort}` };
  }
  return null;
}
