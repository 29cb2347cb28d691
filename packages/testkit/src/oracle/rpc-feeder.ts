/** Numbered lines for an agent's RPC source: what it has acknowledged is an obligation. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SinkDefinition } from '../../../millrace/src/component/define.ts';
import { deliveryOf } from '../../../millrace/src/component/delivery.ts';
import { contextFor } from '../../../millrace/src/component/testing/context.ts';
import { avroSink } from '../../../millrace/src/components/rpc/avro-sink.ts';
import { thriftSink } from '../../../millrace/src/components/rpc/thrift-sink.ts';
import { BatchBuilder } from '../../../millrace/src/records/batch-builder.ts';
import type { RpcKind } from './chains.ts';
import { lineOf, type Obligations } from './lines.ts';
import type { Chance } from './seed.ts';

const senders: Readonly<Record<RpcKind, SinkDefinition>> = { avro: avroSink, thrift: thriftSink };

/** Gives batch after batch, each until it is acknowledged; a batch that was taken without an answer comes twice. */
export class RpcFeeder {
  readonly #acknowledged = new Map<string, number>();
  readonly #options: {
    readonly kind: RpcKind;
    readonly port: number;
    readonly chance: Chance;
    readonly streams: readonly string[];
    readonly pauseMs: number;
  };
  readonly #ending = new AbortController();
  /** Tries that came to nothing. */
  refused = 0;
  #done: Promise<void> | null = null;

  constructor(
    kind: RpcKind,
    port: number,
    chance: Chance,
    { streams = ['s0', 's1', 's2'], pauseMs = 5 } = {},
  ) {
    this.#options = { kind, port, chance, streams, pauseMs };
  }

  start(): this {
    this.#done = this.#feed();
    return this;
  }

  get given(): number {
    return [...this.#acknowledged.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Ends with a last batch in every stream; resolves when all that was given is acknowledged. */
  async stop(): Promise<{ obligations: Obligations; count: number }> {
    this.#ending.abort();
    await this.#done;
    return { obligations: this.#acknowledged, count: this.given };
  }

  async #feed(): Promise<void> {
    const { kind, port, chance, streams, pauseMs } = this.#options;
    const definition = senders[kind];
    const sink = definition.create(contextFor(definition, { hostname: '127.0.0.1', port }));
    await sink.start();
    const give = async (stream: string, count: number) => {
      const first = this.#acknowledged.get(stream) ?? 0;
      const builder = new BatchBuilder();
      for (let i = 0; i < count; i++) builder.add(lineOf(stream, first + i), [['stream', stream]]);
      const delivery = deliveryOf([builder.build()]);
      while (!(await isTaken(sink.deliver(delivery, { signal: new AbortController().signal })))) {
        this.refused++;
        await sleep(50);
      }
      this.#acknowledged.set(stream, first + count);
    };
    try {
      while (!this.#ending.signal.aborted) {
        await give(chance.pick(streams), chance.int(1, 60));
        await sleep(pauseMs);
      }
      for (const name of streams) await give(name, 1);
    } finally {
      await sink.stop();
    }
  }
}

const isTaken = (delivered: Promise<unknown>): Promise<boolean> =>
  delivered.then(
    () => true,
    () => false,
  );
