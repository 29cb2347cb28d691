import { errorText } from '../../runtime/errors.ts';
import {
  isErrorReply,
  type RedisCommand,
  RedisFault,
  type RedisReply,
  RedisServer,
  type RedisServerOptions,
} from './server.ts';
import { bySlot, type SlotRange, slotsIn } from './slots.ts';

/** Nodes that may be asked where slots lie; a cluster has a thousand at most. */
const mostNodes = 1000;

/**
 * Where streams lie: the server that was named, or, where that is a node of a cluster, the nodes which have their hash
 * slots. Which of the two it is the server says itself, with the first transaction and after each failure.
 *
 * In a cluster a transaction is one for each slot, and the others of a delivery may be done when one fails: the delivery
 * comes again as a whole, and entries that are named after their offset are known then.
 */
export class RedisPlace {
  readonly #options: RedisServerOptions;
  readonly #named: RedisServer;
  /** Others of its cluster, by `host:port`. */
  readonly #nodes = new Map<string, RedisServer>();
  /** Of a cluster; `'none'`: it is no cluster; null: not asked yet. */
  #slots: readonly SlotRange[] | 'none' | null = null;

  constructor(options: RedisServerOptions) {
    this.#options = options;
    this.#named = new RedisServer(options);
  }

  /** As `RedisServer.transaction`. */
  async transaction(commands: readonly RedisCommand[], signal: AbortSignal): Promise<RedisReply[]> {
    try {
      this.#slots ??= await this.#find(signal);
      if (this.#slots === 'none') return await this.#named.transaction(commands, signal);
      return await this.#spread(commands, this.#slots, signal);
    } catch (error) {
      this.#slots = null;
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#named, ...this.#nodes.values()].map((server) => server.close()));
  }

  async #spread(
    commands: readonly RedisCommand[],
    slots: readonly SlotRange[],
    signal: AbortSignal,
  ): Promise<RedisReply[]> {
    const replies: RedisReply[] = Array.from({ length: commands.length });
    let known = slots;
    for (const [slot, places] of bySlot(commands)) {
      const part = places.map((i) => commands[i]!);
      for (let isAgain = false; ; isAgain = true) {
        try {
          const answers = await this.#at(rangeOf(known, slot), (node) => node.transaction(part, signal));
          for (const [n, at] of places.entries()) replies[at] = answers[n];
          break;
        } catch (error) {
          // Of a transaction of which one command is not for that node nothing is done.
          if (isAgain || !(error instanceof RedisFault && /\bMOVED \d/.test(error.message))) throw error;
          const found = await this.#find(signal);
          if (found === 'none') throw error;
          this.#slots = found;
          known = found;
        }
      }
    }
    return replies;
  }

  async #at<T>(place: SlotRange, work: (node: RedisServer) => Promise<T>): Promise<T> {
    const { host, port, name } = { ...place, name: nameOf(place) };
    const { address } = this.#options;
    const isNamed = host === address.host && port === address.port;
    let node = isNamed ? this.#named : this.#nodes.get(name);
    if (node === undefined) {
      node = new RedisServer({ ...this.#options, address: { ...address, host, port } });
      this.#nodes.set(name, node);
    }
    try {
      return await work(node);
    } catch (error) {
      if (isNamed || !(error instanceof RedisFault)) throw error;
      const { isConnection, message } = error;
      throw new RedisFault(`its cluster's node ${name}: ${message}`, { cause: error, isConnection });
    }
  }

  /** Asks the server that was named, and where that is away the nodes that are known. Rejects with the first's fault. */
  async #find(signal: AbortSignal): Promise<readonly SlotRange[] | 'none'> {
    try {
      return await this.#ask(this.#named, this.#options.address.host, signal);
    } catch (fault) {
      for (const [name, node] of this.#nodes) {
        const found = await this.#ask(node, hostOf(name), signal).catch(() => null);
        if (found !== null && found !== 'none') return found;
      }
      throw fault;
    }
  }

  async #ask(server: RedisServer, host: string, signal: AbortSignal): Promise<readonly SlotRange[] | 'none'> {
    let info: unknown;
    try {
      [info] = await server.transaction([['INFO', 'cluster']], signal);
    } catch (error) {
      // Who may not ask is told by the server's MOVED, should it be a cluster.
      if (error instanceof RedisFault && !error.isConnection && isErrorReply(error.cause)) return 'none';
      throw error;
    }
    if (!/^cluster_enabled:1/m.test(String(info))) return 'none';
    const [reply] = await server.transaction([['CLUSTER', 'SLOTS']], signal);
    if (isErrorReply(reply)) throw new RedisFault(`CLUSTER SLOTS: ${errorText(reply)}`, { cause: reply });
    const slots = slotsIn(reply, host);
    if (slots === null) throw new RedisFault('what it says of the slots of its cluster is not understood');
    await this.#forgetAllBut(slots);
    return slots;
  }

  async #forgetAllBut(slots: readonly SlotRange[]): Promise<void> {
    const names = new Set(slots.map(nameOf));
    if (names.size > mostNodes) throw new RedisFault(`its cluster has more than ${mostNodes} nodes`);
    for (const [name, node] of this.#nodes) {
      if (names.has(name)) continue;
      this.#nodes.delete(name);
      await node.close();
    }
  }
}

function rangeOf(slots: readonly SlotRange[], slot: number): SlotRange {
  const range = slots.find(({ from, to }) => from <= slot && slot <= to);
  if (range === undefined) throw new RedisFault(`no node of its cluster has the hash slot ${slot}`);
  return range;
}

const nameOf = ({ host, port }: SlotRange): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;
const hostOf = (name: string): string => name.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
