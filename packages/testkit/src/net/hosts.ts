/**
 * Several hosts on one machine, whose network can be cut: a network namespace each, with one switch between them
 * (Linux, as root). Where namespaces can't be had, a loopback address each, with proxies before what a host serves.
 */
import { randomInt } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { ManagedProcess, runToEnd } from '../process/processes.ts';
import { TcpProxy } from './tcp-proxy.ts';

export interface Host {
  readonly name: string;
  /** Where the others reach it. */
  readonly address: string;
  /** Where its servers listen. */
  readonly bind: string;
  /** Goes before the command line of a program that is to run on it. */
  readonly wrapper: readonly string[];
}

export interface HostNetwork extends AsyncDisposable {
  readonly kind: 'namespaces' | 'loopback';
  host(name: string): Host;
  /** The host is going to serve at that port. */
  publish(name: string, port: number): Promise<void>;
  /** Nothing reaches the host or leaves it any more; connections stay open and hang. */
  cut(name: string): Promise<void>;
  heal(name: string): Promise<void>;
}

/** Says on the console when it had to do with loopback addresses, and why. */
export async function startHosts(names: readonly string[]): Promise<HostNetwork> {
  try {
    return await NamespaceHosts.start(names);
  } catch (error) {
    console.log(`No network namespaces here, loopback addresses and proxies instead: ${String(error)}`);
    return new LoopbackHosts(names);
  }
}

/** Lives as long as it runs: a namespace goes with the last process in it, and its links go with it. */
async function namespace(name: string): Promise<ManagedProcess> {
  const script = 'ip link set lo up && echo up && exec sleep infinity';
  const holder = await ManagedProcess.spawn('unshare', ['--net', 'sh', '-c', script], {
    name: `host ${name}`,
  });
  await holder.waitForLine(/^up$/);
  return holder;
}

const inside = (holder: ManagedProcess): string[] => ['nsenter', `--net=/proc/${holder.pid}/ns/net`, '--'];

async function ip(wrapper: readonly string[], line: string): Promise<void> {
  const [command, ...args] = [...wrapper, 'ip', ...line.split(' ')];
  await runToEnd(command!, args, { name: `ip ${line}` });
}

/** Three bytes of a network of RFC 2544 (198.18.0.0/15, for tests of networks) that this machine has no part in. */
function unusedNetwork(): string {
  const taken = Object.values(networkInterfaces()).flatMap(
    (list) => list?.map(({ address }) => address) ?? [],
  );
  for (;;) {
    const network = `198.${randomInt(18, 20)}.${randomInt(256)}`;
    if (!taken.some((address) => address.startsWith(`${network}.`))) return network;
  }
}

class NamespaceHosts implements HostNetwork {
  readonly kind = 'namespaces';
  readonly #holders = new AsyncDisposableStack();
  readonly #hosts = new Map<string, Host & { readonly link: string }>();
  #switch: readonly string[] = [];

  static async start(names: readonly string[]): Promise<NamespaceHosts> {
    const network = new NamespaceHosts();
    try {
      await network.#build(names);
      return network;
    } catch (error) {
      await network[Symbol.asyncDispose]();
      throw error;
    }
  }

  host(name: string): Host {
    return this.#named(name);
  }

  async publish(): Promise<void> {}

  async cut(name: string): Promise<void> {
    await ip(this.#switch, `link set ${this.#named(name).link} down`);
  }

  async heal(name: string): Promise<void> {
    await ip(this.#switch, `link set ${this.#named(name).link} up`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#holders[Symbol.asyncDispose]();
  }

  #named(name: string) {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new Error(`There is no host ${name}.`);
    return host;
  }

  /** The machine itself has the last address, so that a test and its tools reach all of them. */
  async #build(names: readonly string[]): Promise<void> {
    const network = unusedNetwork();
    const hub = this.#holders.use(await namespace('switch'));
    this.#switch = inside(hub);
    await ip(this.#switch, 'link add br0 type bridge');
    await ip(this.#switch, 'link set br0 up');
    const outer = `mr${network.replace('198.', '').replace('.', '-')}`;
    await ip([], `link add ${outer} type veth peer name out netns ${hub.pid}`);
    await ip([], `address add ${network}.254/24 dev ${outer}`);
    await ip([], `link set ${outer} up`);
    await ip(this.#switch, 'link set out master br0 up');
    for (const [i, name] of names.entries()) {
      const holder = this.#holders.use(await namespace(name));
      const wrapper = inside(holder);
      const [link, address] = [`h${i + 1}`, `${network}.${i + 1}`];
      await ip(this.#switch, `link add ${link} type veth peer name eth0 netns ${holder.pid}`);
      await ip(this.#switch, `link set ${link} master br0 up`);
      await ip(wrapper, `address add ${address}/24 dev eth0`);
      await ip(wrapper, 'link set eth0 up');
      this.#hosts.set(name, { name, address, bind: address, wrapper, link });
    }
  }
}

/** A host that serves nothing can't be cut off here. */
class LoopbackHosts implements HostNetwork {
  readonly kind = 'loopback';
  readonly #hosts: ReadonlyMap<string, Host>;
  readonly #proxies = new Map<string, TcpProxy[]>();

  constructor(names: readonly string[]) {
    const network = `127.${randomInt(1, 255)}`;
    const host = (name: string, i: number): Host => ({
      ...{ name, address: `${network}.1.${i + 1}`, bind: `${network}.2.${i + 1}`, wrapper: [] },
    });
    this.#hosts = new Map(names.map((name, i) => [name, host(name, i)]));
  }

  host(name: string): Host {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new Error(`There is no host ${name}.`);
    return host;
  }

  async publish(name: string, port: number): Promise<void> {
    const { address, bind } = this.host(name);
    const proxy = await TcpProxy.start({ host: address, port, targetHost: bind, targetPort: port });
    this.#proxies.set(name, [...(this.#proxies.get(name) ?? []), proxy]);
  }

  async cut(name: string): Promise<void> {
    for (const proxy of this.#proxies.get(name) ?? []) proxy.setBlackHole(true);
  }

  async heal(name: string): Promise<void> {
    for (const proxy of this.#proxies.get(name) ?? []) proxy.setBlackHole(false);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const proxy of [...this.#proxies.values()].flat()) await proxy[Symbol.asyncDispose]();
  }
}
