import type { EventBatch } from '../../records/event-batch.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import type { WholeRpcConnection, WholeRpcConnector } from './rpc-connection.ts';

export interface RpcHost {
  /** For messages: `h1{collector:4545}`. */
  readonly name: string;
  readonly connect: WholeRpcConnector;
}

/** Which host gets a call; Flume's names for its clients. */
export type HostPolicy =
  | { readonly kind: 'default' }
  /** The one that worked last, until it fails; then the next one, in a ring. */
  | { readonly kind: 'default_failover'; readonly maxAttempts: number }
  /** One after the other, or at random; with `backoff` one that has failed is left out for a while. */
  | {
      readonly kind: 'default_loadbalance';
      readonly selector: 'round_robin' | 'random';
      readonly backoff: boolean;
      /** The longest that one is left out. */
      readonly maxBackoffMs: number;
    };

const firstBackoffMs = 1000;

interface Known {
  readonly host: RpcHost;
  connection: WholeRpcConnection | null;
  /** In a row. */
  failures: number;
  /** As `performance.now()` counts. */
  leftOutUntil: number;
}

/** A client of several hosts that take the same events: Flume's default, failover and load-balancing RPC clients. */
export class HostsClient {
  readonly #hosts: readonly Known[];
  readonly #policy: HostPolicy;
  readonly #told: (failure: string) => void;
  #turn = 0;

  /** At least one host. `told`: of each failure that is followed by another try. */
  constructor(hosts: readonly RpcHost[], policy: HostPolicy, told: (failure: string) => void) {
    this.#hosts = hosts.map((host) => ({ host, connection: null, failures: 0, leftOutUntil: 0 }));
    this.#policy = policy;
    this.#told = told;
  }

  /**
   * Resolves once one of the hosts has the events. Rejects with the last failure when none of those that are to be tried
   * takes them.
   */
  async append(events: readonly EventBatch[], signal?: AbortSignal): Promise<void> {
    let last: unknown = new MillraceError('DELIVERY_FAILED', 'all hosts are left out, as they failed before');
    for (const known of this.#order()) {
      try {
        if (known.connection === null || known.connection.fault !== null)
          known.connection = await known.host.connect(signal);
        await known.connection.append(events, signal);
        known.failures = 0;
        return;
      } catch (error) {
        last = error;
        known.connection?.close();
        known.connection = null;
        known.failures++;
        this.#passOver(known);
        this.#told(`${known.host.name}: ${errorText(error)}`);
        if (signal?.aborted) break;
      }
    }
    throw last;
  }

  close(): void {
    for (const known of this.#hosts) known.connection?.close();
  }

  /** Whom to try, one after the other. */
  *#order(): Iterable<Known> {
    const hosts = this.#hosts;
    const policy = this.#policy;
    if (policy.kind === 'default') yield hosts[0]!;
    else if (policy.kind === 'default_failover') {
      // A host that can't be had is no attempt, as long as another can.
      for (let tries = 0; tries < Math.max(policy.maxAttempts, hosts.length); tries++)
        yield hosts[this.#turn % hosts.length]!;
    } else {
      const now = performance.now();
      const from = policy.selector === 'random' ? Math.floor(Math.random() * hosts.length) : this.#turn++;
      for (let i = 0; i < hosts.length; i++) {
        const known = hosts[(from + i) % hosts.length]!;
        if (!policy.backoff || known.leftOutUntil <= now) yield known;
      }
    }
  }

  #passOver(known: Known): void {
    const policy = this.#policy;
    if (policy.kind === 'default_failover') this.#turn++;
    else if (policy.kind === 'default_loadbalance') {
      const ms = Math.min(firstBackoffMs * 2 ** (known.failures - 1), policy.maxBackoffMs);
      known.leftOutUntil = performance.now() + ms;
    }
  }
}
