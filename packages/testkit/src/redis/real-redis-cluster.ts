/** A Redis Cluster of three masters for tests: `await using cluster = await RealRedisCluster.start()`. */
import { freePorts } from '../net/free-port.ts';
import { waitFor } from '../process/wait.ts';
import { RealRedis, type RealRedisOptions, type StreamEntry } from './real-redis.ts';

const slots = 16_384;

export class RealRedisCluster implements AsyncDisposable {
  readonly nodes: readonly RealRedis[];

  private constructor(nodes: readonly RealRedis[]) {
    this.nodes = nodes;
  }

  static async start(options: RealRedisOptions = {}): Promise<RealRedisCluster> {
    const buses = await freePorts(3);
    const nodes = await Promise.all(
      buses.map((bus) => {
        const own = { 'cluster-enabled': 'yes', 'cluster-port': bus, 'cluster-node-timeout': 2000 };
        return RealRedis.start({ ...options, settings: { ...own, ...options.settings } });
      }),
    );
    const cluster = new RealRedisCluster(nodes);
    try {
      for (const [i, node] of nodes.entries()) {
        const range = [Math.floor((slots * i) / 3), Math.floor((slots * (i + 1)) / 3) - 1].map(String);
        await node.ask('CLUSTER', 'ADDSLOTSRANGE', ...range);
        if (i > 0) await nodes[0]!.ask('CLUSTER', 'MEET', '127.0.0.1', String(node.port), String(buses[i]));
      }
      await cluster.waitUntilWhole();
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    return cluster;
  }

  /** Resolves when every node serves all slots. */
  async waitUntilWhole(): Promise<void> {
    await waitFor('the cluster to be whole', async () => {
      const states = await Promise.all(this.nodes.map((node) => node.report('CLUSTER', 'INFO')));
      return states.every((state) => /cluster_state:ok/.test(state) && /cluster_known_nodes:3/.test(state));
    });
  }

  /** The node that has a key. */
  async nodeOf(key: string): Promise<RealRedis> {
    const slot = Number(await this.nodes[0]!.ask('CLUSTER', 'KEYSLOT', key));
    const ranges = (await this.nodes[0]!.ask('CLUSTER', 'SLOTS')) as [number, number, [string, number]][];
    const [, , [, port]] = ranges.find(([from, to]) => from <= slot && slot <= to)!;
    return this.nodes.find((node) => node.port === port)!;
  }

  async entries(stream: string): Promise<StreamEntry[]> {
    return (await this.nodeOf(stream)).entries(stream);
  }

  /** Hands the slot of an empty or full key to another node at once, with what is in it. */
  async moveSlotOf(key: string): Promise<void> {
    const slot = String(await this.nodes[0]!.ask('CLUSTER', 'KEYSLOT', key));
    const from = await this.nodeOf(key);
    const to = this.nodes[(this.nodes.indexOf(from) + 1) % this.nodes.length]!;
    const [fromId, toId] = (await Promise.all(
      [from, to].map((node) => node.ask('CLUSTER', 'MYID')),
    )) as string[];
    await to.ask('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId!);
    await from.ask('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId!);
    const keys = (await from.ask('CLUSTER', 'GETKEYSINSLOT', slot, '100')) as string[];
    for (const each of keys) await from.ask('MIGRATE', '127.0.0.1', String(to.port), each, '0', '5000');
    for (const node of [to, from, ...this.nodes.filter((other) => other !== to && other !== from)])
      await node.ask('CLUSTER', 'SETSLOT', slot, 'NODE', toId!);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node[Symbol.asyncDispose]()));
  }
}
