/** The elasticsearch sink with a real Elasticsearch and a real OpenSearch: drawn events, and each with its own fate. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deliveryOf } from '../../packages/millrace/src/component/delivery.ts';
import { contextFor } from '../../packages/millrace/src/component/testing/context.ts';
import { batchOf } from '../../packages/millrace/src/component/testing/test-api.ts';
import { dynamicClass, serializers } from '../../packages/millrace/src/components/elasticsearch/document.ts';
import { simpleClass } from '../../packages/millrace/src/components/elasticsearch/index-name.ts';
import { elasticsearchSink } from '../../packages/millrace/src/components/elasticsearch/sink.ts';
import { BatchBuilder } from '../../packages/millrace/src/records/batch-builder.ts';
import type { EventBatch } from '../../packages/millrace/src/records/event-batch.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';
import { RealSearch } from '../../packages/testkit/src/search/real-search.ts';

const events = 300 * roundsOr(1);
const signal = new AbortController().signal;

function sinkFor(server: RealSearch, properties: Record<string, string | number> = {}) {
  const context = contextFor(elasticsearchSink, {
    ...{ hostNames: `127.0.0.1:${server.port}`, client: 'rest' },
    ...properties,
  });
  return { sink: elasticsearchSink.create(context), lines: context.log.lines };
}

const eventOf = (body: string, headers: Record<string, string>): EventBatch => {
  const builder = new BatchBuilder();
  builder.add(body, Object.entries(headers));
  return builder.build();
};

/** Names that a mapping can have: no dots, which make objects; not empty. */
const anyName = fc.constantFrom(
  'timestamp',
  'host',
  'type',
  'source',
  'src_path',
  'app',
  'ünï',
  'a b',
  '"q"',
  '日本',
);
const anyText = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.toWellFormed());
const anyHeaders = fc
  .dictionary(anyName, anyText)
  .map((headers) => ('timestamp' in headers ? { ...headers, timestamp: '1546300800123' } : headers));
const anyBody = fc.oneof(
  { weight: 5, arbitrary: anyText },
  { weight: 1, arbitrary: fc.constantFrom('a\nb\r\n', '{"a":', '{not json}', ' {} {}', '\u0000') },
);

it.concurrent.each(['elasticsearch', 'opensearch'] as const)(
  '%s has each document as it was made, and tells of each that it does not take',
  async (kind) => {
    const { seed } = chanceOf(kind);
    using dir = tempDir(`millrace-${kind}-`);
    await using server = await RealSearch.start(kind, dir.path);
    // Fields are as the sink writes them, not as the server guesses.
    const settings = { mappings: { dynamic: false, properties: { n: { type: 'integer' } } } };
    for (const index of ['drawn-*', 'flume-*', 'json'])
      await server.ask('PUT', `_template/${index[0]}`, { index_patterns: [index], ...settings });

    const given = fc.sample(fc.tuple(anyBody, anyHeaders), { seed, numRuns: events });
    for (const serializer of serializers.keys()) {
      const { sink, lines } = sinkFor(server, {
        serializer,
        indexName: `drawn-${serializers.size}`,
        indexType: 'x',
      });
      await sink.start();
      const builder = new BatchBuilder();
      for (const [body, headers] of given) builder.add(body, Object.entries(headers));
      const batch = builder.build();
      expect(await sink.deliver(deliveryOf([batch]), { signal })).toMatchObject({ refused: [], pending: [] });
      await sink.stop();
      expect(lines.join('\n')).toMatch(/documents go to (Elasticsearch 7\.17|opensearch 2\.19)/);
      expect(lines.join('\n')).toContain('indexType is left out');
      const wanted = [...batch].map((event) => JSON.parse(serializers.get(serializer)!(event)) as unknown);
      const stored = (await server.documents('drawn-*')).map(({ source }) => source);
      expect(sorted(stored)).toEqual(sorted(wanted));
      await server.ask('DELETE', 'drawn-*');
    }

    const { sink } = sinkFor(server, {
      ...{ indexName: '%{index}', indexNameBuilder: simpleClass, serializer: dynamicClass },
    });
    await sink.start();
    const outcome = await sink.deliver(
      deliveryOf([
        eventOf('good', { index: 'json', n: '12' }),
        eventOf('no number', { index: 'json', n: 'twelve' }),
        eventOf('no index', { index: 'UPPER' }),
        eventOf('nowhere', {}),
        eventOf('{"deep":{"n":12345678901234567890}}', { index: 'json' }),
      ]),
      { signal },
    );
    expect(outcome).toMatchObject({
      refused: [
        {
          index: 1,
          reason: expect.stringMatching(/^status 400: mapper_parsing_exception: failed to parse field \[n\]/),
        },
        {
          index: 2,
          reason: expect.stringMatching(/^status 400: invalid_index_name_exception: .*must be lowercase/),
        },
        { index: 3, reason: 'no index can have the name ""' },
      ],
      pending: [],
    });
    // Larger than the server takes at once (1 MiB): by halves, but for the one that is so alone.
    const large = [...Array.from({ length: 5 }, () => 'l'.repeat(300_000)), 'x'.repeat(1_100_000), 's'];
    const halves = sinkFor(server, { indexName: 'flume' }).sink;
    await halves.start();
    const cut = await halves.deliver(deliveryOf([batchOf(...large)]), { signal });
    expect(cut).toMatchObject({
      refused: [{ index: 5, reason: expect.stringContaining('413') }],
      pending: [],
    });
    expect(await server.documents('flume-*')).toHaveLength(6);

    // An index that takes nothing for now: it comes when it does.
    await server.ask('PUT', 'json/_settings', { 'index.blocks.write': true });
    const locked = deliveryOf([eventOf('later', { index: 'json' })]);
    expect(await sink.deliver(locked, { signal })).toMatchObject({ refused: [], pending: [0] });
    await server.ask('PUT', 'json/_settings', { 'index.blocks.write': false });
    expect(await sink.deliver(locked, { signal })).toMatchObject({ refused: [], pending: [] });
    const bodies = (await server.documents('json')).map(({ source }) => source.body);
    expect(sorted(bodies)).toEqual(
      sorted(['good', { deep: { n: Number('12345678901234567890') } }, 'later']),
    );
    await sink.stop();
    await halves.stop();
  },
);

const sorted = (values: readonly unknown[]) =>
  values.map((value) => canonical(value)).sort((a, b) => (a < b ? -1 : 1));

/** Without the order of fields. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
