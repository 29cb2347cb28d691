/**
 * A plugin's tests, with Node's own runner (`node --test examples/plugin/`) or any other that has `describe` and `it`:
 * the suite that Millrace's own sinks pass, then the sink in a whole agent.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Agent, defineAgent } from 'millrace';
import { contextFor, sinkContract } from 'millrace/component';
import { jsonLinesSink } from './json-lines-sink.ts';

const newFolder = () => mkdtempSync(join(tmpdir(), 'json-lines-'));
const linesOf = (path: string): { headers: Record<string, string>; body: string }[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

sinkContract({ describe, it }, 'json_lines', {
  create: async () => {
    const folder = newFolder();
    const path = join(folder, 'out.jsonl');
    return {
      sink: jsonLinesSink.create(contextFor(jsonLinesSink, { path, batchSize: 10 })),
      delivered: async () => linesOf(path).map(({ body }) => body),
      dispose: async () => rmSync(folder, { recursive: true }),
    };
  },
});

it('an agent runs it by its type, with the headers that an interceptor sets', async () => {
  const folder = newFolder();
  const path = join(folder, 'out.jsonl');
  try {
    await using agent = await Agent.fromConfig(
      defineAgent({
        name: 'a1',
        sources: {
          r1: {
            type: 'seq',
            totalEvents: 3,
            channels: ['c1'],
            interceptors: { i1: { type: 'static', key: 'made', value: 'here' } },
          },
        },
        channels: { c1: { type: 'memory' } },
        sinks: { k1: { type: 'json_lines', path, channel: 'c1' } },
      }),
      { components: [jsonLinesSink] },
    );
    await agent.start();
    const sent = () =>
      agent.counters().find(({ kind }) => kind === 'sink')?.attributes.EventDrainSuccessCount;
    while (sent() !== '3') await new Promise((resolve) => setTimeout(resolve, 10));
    const headers = { made: 'here' };
    assert.deepEqual(
      linesOf(path),
      ['0', '1', '2'].map((body) => ({ headers, body })),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('a misspelt option does not start', async () => {
  const sinks = { k1: { type: 'json_lines', pth: '/tmp/x', channel: 'c1' } };
  const sources = { r1: { type: 'seq', channels: ['c1'] } };
  const input = defineAgent({ name: 'a1', sources, channels: { c1: { type: 'memory' } }, sinks });
  await assert.rejects(Agent.fromConfig(input, { components: [jsonLinesSink] }), /path/);
});
