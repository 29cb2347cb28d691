import { expect, it } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { PlayedGateway } from '../../../../testkit/src/hbase/played-gateway.ts';
import { waitFor } from '../../../../testkit/src/process/wait.ts';
import { Agent } from '../../agent/agent.ts';

it.concurrent.each(['memory', 'file'])(
  'of a %s channel what comes again is in the rows that it had, and counted once',
  async (type) => {
    const events = 500;
    using dir = tempDir('millrace-hbase-');
    await using gateway = await PlayedGateway.start();
    gateway.losesAnswers = true;
    const files = { checkpointDir: dir.join('checkpoint'), dataDirs: dir.join('data') };
    await using agent = await Agent.fromConfig({
      name: 'a1',
      sources: { r1: { type: 'seq', totalEvents: events, batchSize: 7, channels: ['c1'] } },
      channels: { c1: type === 'file' ? { type, ...files } : { type } },
      sinks: {
        k1: {
          ...{ type: 'hbase2', channel: 'c1', 'rest.url': gateway.http.url, table: 't', columnFamily: 'cf' },
          coalesceIncrements: true,
        },
      },
    });
    await agent.start();
    await waitFor('rows that come again', () => gateway.puts.length > 1);
    gateway.losesAnswers = false;
    const counted = () => gateway.counters.get('incRow cf:iCol') ?? 0;
    await waitFor('all to be counted', () => counted() >= events);
    await agent.stop();
    expect([gateway.rows.size, counted()]).toEqual([events, events]);
  },
);
