/** What the Kafka components share in reading their `kafka.producer.*` and `kafka.consumer.*`. */

import { type PropertyProblem, splitServers } from '../../client/properties.ts';
import type { OptionFinding } from '../../config/options.ts';

/** The properties as a component gives them, with its own defaults below and what it decides itself above. */
export function withDefaults(
  given: ReadonlyMap<string, string>,
  defaults: Readonly<Record<string, string>>,
  decided: Readonly<Record<string, string>> = {},
): ReadonlyMap<string, string> {
  return new Map([...Object.entries(defaults), ...given, ...Object.entries(decided)]);
}

/**
 * Reasons why the component cannot be configured. `ownNames`: options of the component that give a property of Kafka's,
 * `acks` → `requiredAcks`.
 */
export function fatalProblems(
  prefix: string,
  problems: readonly PropertyProblem[],
  ownNames: Readonly<Record<string, string>> = {},
): OptionFinding[] {
  return problems.flatMap(({ fatal, key, message, suggestion }) => {
    if (fatal !== true) return [];
    const full = `${prefix}.${key}`;
    const own = Object.hasOwn(ownNames, key) ? [ownNames[key]!] : [];
    return [
      {
        key: [full, ...own],
        message: `${full}: ${message}`,
        ...(suggestion === undefined ? {} : { suggestion }),
      },
    ];
  });
}

/** Properties that have no effect; none of them stops the component. */
export function problemNotes(prefix: string, problems: readonly PropertyProblem[]): OptionFinding[] {
  return problems.flatMap(({ fatal, key, message, suggestion }) => {
    if (fatal === true) return [];
    const full = `${prefix}.${key}`;
    return [
      { key: full, message: `${full} ${message}`, ...(suggestion === undefined ? {} : { suggestion }) },
    ];
  });
}

/** What Kafka's clients refuse in `bootstrap.servers` (ClientUtils.parseAndValidateAddresses), without asking DNS. */
export function serverFaults(key: string, text: string): OptionFinding[] {
  const servers = splitServers(text);
  if (servers.length === 0) {
    const message = 'Bootstrap Servers must be specified';
    return [{ key, message, suggestion: `write ${key} = host:9092` }];
  }
  return servers.flatMap((server) => {
    const fault = serverFault(server);
    if (fault === null) return [];
    const message = `${key}: ${server} ${fault.message}`;
    return [{ key, message, suggestion: fault.suggestion, code: 'bad-value' as const }];
  });
}

function serverFault(server: string): { message: string; suggestion: string } | null {
  const bare = server.replace(/^[A-Za-z_]+:\/\//, '');
  const parts = /^(?:\[([^[\]]*)\]|([^[\]]*)):([^:[\]]*)$/.exec(bare);
  const host = parts?.[1] ?? parts?.[2] ?? bare;
  if (bare !== server) return { message: 'has a protocol in front', suggestion: `write ${bare}` };
  if (parts === null || (parts[2]?.includes(':') ?? false)) {
    if (/^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(server)) {
      return { message: 'is an IPv6 address without brackets', suggestion: `write [${server}]:9092` };
    }
    const port = /^[\w.%-]+$/.test(server)
      ? `write ${server}:9092`
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
    return { message: 'has a port that is not 1 to 65535', suggestion: `write ${host}:9092` };
  }
  return null;
}
