import { ZooKeeperError } from './zookeeper-error.ts';

export interface ZooKeeperServers {
  readonly servers: readonly { readonly host: string; readonly port: number }[];
  /** In front of every path; empty: none. */
  readonly chroot: string;
}

const usualPort = 2181;

/** `host:port,host,[::1]:port/chroot`, as ZooKeeper's own client takes it. Throws a `ZooKeeperError` for anything else. */
export function parseConnectString(text: string): ZooKeeperServers {
  const slash = text.indexOf('/');
  const hosts = slash < 0 ? text : text.slice(0, slash);
  const chroot = slash < 0 ? '' : text.slice(slash).replace(/\/+$/, '');
  const servers = hosts
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(part);
      const port = Number(match?.[3] ?? usualPort);
      if (match === null || port < 1 || port > 65535)
        throw new ZooKeeperError('connection', `'${part}' is no HOST:PORT`);
      return { host: match[1] ?? match[2]!, port };
    });
  if (servers.length === 0) throw new ZooKeeperError('connection', `'${text}' names no server`);
  return { servers, chroot };
}
