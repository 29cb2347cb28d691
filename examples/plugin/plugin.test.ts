/**
 * The plugin's components, each against the contract of its kind where there is one, then all of them in one agent. Runs
 * with Node's own runner (`node --test examples/plugin/*.test.ts`).
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, defineAgent } from 'millrace';
import { batchOf, contextFor, interceptorContract, interceptorFor, sourceContract } from 'millrace/component';
import { csvSerializer } from './csv-serializer.ts';
import { heartbeatSource } from './heartbeat-source.ts';
import { maskInterceptor } from './mask-interceptor.ts';

sourceContract({ describe, it }, 'heartbeat', {
  rejected: 'again',
  made: (count) => Array.from({ length: count }, (_, i) => String(i)),
  create: async (channels) => ({
    source: heartbeatSource.create({ ...contextFor(heartbeatSource, { interval: 1 }), channels }),
  }),
});

interceptorContract({ describe, it }, 'mask', {
  create: () => interceptorFor(maskInterceptor, { pattern: '\\d+' }),
  bodies: ['card 4111 1111', 'no card', ''],
});

it('csv quotes what must be quoted', async () => {
  const serializer = csvSerializer.create(contextFor(csvSerializer, { headers: 'host user' }));
  const batch = batchOf('plain', 'a "b", c').withSharedHeaders(new Map([['host', 'h']]));
  const text = Buffer.concat([
    serializer.begin(),
    await serializer.encode(batch),
    await serializer.end(),
  ]).toString();
  assert.equal(text, 'host,user,body\r\nh,,plain\r\nh,,"a ""b"", c"\r\n');
});

it('all of them in an agent', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plugin-'));
  try {
    await using agent = await Agent.fromConfig(
      defineAgent({
        name: 'a1',
        sources: {
          r1: {
            type: 'heartbeat',
            interval: 1,
            host: 'here',
            channels: ['c1'],
            interceptors: { i1: { type: 'mask', pattern: '[13579]', with: 'odd' } },
          },
        },
        channels: { c1: { type: 'memory' } },
        sinks: {
          k1: {
            type: 'file_roll',
            'sink.directory': folder,
            'sink.rollInterval': 0,
            'sink.serializer': 'csv',
            'sink.serializer.headers': 'host masked',
            channel: 'c1',
          },
        },
      }),
      { components: [heartbeatSource, maskInterceptor, csvSerializer] },
    );
    await agent.start();
    const lines = () =>
      readdirSync(folder).flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\r\n'));
    while (lines().length < 5) await sleep(10);
    assert.deepEqual(lines().slice(0, 4), ['host,masked,body', 'here,,0', 'here,true,odd', 'here,,2']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('a pattern that is none is told before anything starts', async () => {
  const interceptors = { i1: { type: 'mask', pattern: '(' } };
  const input = defineAgent({
    name: 'a1',
    sources: { r1: { type: 'heartbeat', channels: ['c1'], interceptors } },
    channels: { c1: { type: 'memory' } },
    sinks: { k1: { type: 'null', channel: 'c1' } },
  });
  const components = [heartbeatSource, maskInterceptor];
  await assert.rejects(Agent.fromConfig(input, { components }), /pattern/);
});
