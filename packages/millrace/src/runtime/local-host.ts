import { readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';

/** This machine as Java's `InetAddress.getLocalHost()` sees it. */
export interface LocalHost {
  /** The address that the host name stands for. */
  readonly address: string;
  /** The canonical name of that address. */
  readonly name: string;
}

export interface LocalHostFacts {
  readonly hostname: string;
  /** The text of /etc/hosts; empty where there is none. */
  readonly hosts: string;
  /** IPv4 addresses of this machine that are not loopback. */
  readonly addresses: readonly string[];
}

/**
 * Finds out without asking a name server, as it must be known at once: /etc/hosts first, as resolvers do, else the
 * first address of the machine.
 */
export function localHost(facts: LocalHostFacts = readFacts()): LocalHost {
  const lines = facts.hosts
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
    .filter(([address]) => address !== undefined && /^\d+\.\d+\.\d+\.\d+$/.test(address));
  const address = lines.find((words) => words.slice(1).includes(facts.hostname))?.[0];
  if (address === undefined) return { address: facts.addresses[0] ?? '127.0.0.1', name: facts.hostname };
  return { address, name: lines.find((words) => words[0] === address)![1]! };
}

function readFacts(): LocalHostFacts {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((entry) => entry.family === 'IPv4' && !entry.internal)
    .map((entry) => entry.address);
  return { hostname: hostname(), hosts: readHosts(), addresses };
}

function readHosts(): string {
  try {
    return readFileSync('/etc/hosts', 'utf8');
  } catch {
    return '';
  }
}
