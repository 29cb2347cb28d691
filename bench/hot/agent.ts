/**
 * What an agent costs around its components: a batch that is encoded already, through the memory channel, to a sink.
 * `node bench/hot/agent.ts`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from '../../packages/millrace/src/agent/agent.ts';
import type { SinkInput } from '../../packages/millrace/src/agent/configuration/typed-config.ts';
import { defineSource, type EventBatch } from '../../packages/millrace/src/component/index.ts';
import { encodeLines } from '../../packages/millrace/src/records/encode-lines.ts';
import { accessLog } from './measure.ts';

/** A source that puts the same batch so often; `done` is called after the last put. */
function repeating(batch: EventBatch, times: number, done: () => void) {
  return defineSource({
    type: 'repeating',
    classNames: [],
    summary: 'The same batch again and again.',
    options: {},
    create: ({ channels }) => {
      let left = times;
      return {
        start: async () => {},
        stop: async () => {},
        process: async () => {
          if (left === 0) return 'backoff';
          await channels.put(batch);
          if (--left === 0) done();
          return 'ready';
        },
      };
    },
  });
}

async function run(name: string, batchEvents: number, events: number, sink: SinkInput): Promise<void> {
  const log = accessLog(batchEvents);
  const { batch } = encodeLines(log, 0, log.length, { maxEvents: batchEvents, timestampMs: Date.now() });
  const finished = Promise.withResolvers<void>();
  const agent = await Agent.fromConfig(
    {
      name: 'a1',
      sources: { r1: { type: 'repeating', channels: ['c1'] } },
      channels: { c1: { type: 'memory', capacity: 100_000, transactionCapacity: 10_000 } },
      sinks: { k1: sink },
    },
    { components: [repeating(batch!, events / batchEvents, finished.resolve)], drainMs: 60_000 },
  );
  const cpu = process.cpuUsage();
  const start = performance.now();
  await agent.start();
  await finished.promise;
  await agent.stop(); // drains
  const seconds = (performance.now() - start) / 1000;
  const used = process.cpuUsage(cpu);
  if (agent.undelivered.length > 0)
    throw new Error(`not all events arrived: ${JSON.stringify(agent.undelivered)}`);
  const rate = (events / seconds / 1e6).toFixed(2);
  const cpuSeconds = (used.user + used.system) / events;
  console.log(`${name.padEnd(28)} ${rate} M events/s, ${cpuSeconds.toFixed(3)} CPU s per M events`);
}

for (const [batchEvents, events] of [
  [1, 500_000],
  [100, 4_000_000],
  [1000, 4_000_000],
] as const) {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  try {
    await run(`null, batches of ${batchEvents}`, batchEvents, events, {
      type: 'null',
      channel: 'c1',
      batchSize: batchEvents,
      logEveryNEvents: 1e9,
    });
    await run(`file_roll, batches of ${batchEvents}`, batchEvents, events, {
      type: 'file_roll',
      channel: 'c1',
      'sink.directory': directory,
      'sink.rollInterval': 0,
      'sink.batchSize': 1000,
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
