import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { containerContents } from '../../../../testkit/src/files/avro-container.ts';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { type EventSerializer, NotWritable } from '../../component/serializer.ts';
import { contextFor } from '../../component/testing/context.ts';
import { batchOf } from '../../component/testing/test-api.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { avroBodySerializer } from './body-serializer.ts';
import { avroEventSerializer } from './event-serializer.ts';

type Definition = typeof avroEventSerializer;

function serializerOf(definition: Definition, properties: Record<string, string | number> = {}) {
  const context = contextFor(definition, properties);
  return definition.create(context);
}

/** The file that a serializer makes of these batches; `flushes`: behind each. */
async function fileOf(serializer: EventSerializer, batches: readonly EventBatch[], flushes = false) {
  const bytes = [serializer.begin()];
  for (const batch of batches) {
    bytes.push(await serializer.encode(batch));
    if (flushes) bytes.push(await serializer.flush!());
  }
  bytes.push(await serializer.end());
  return Buffer.concat(bytes);
}

describe('AVRO_EVENT', () => {
  it('writes headers and body of each event, as Avro has them', async () => {
    const builder = new BatchBuilder();
    builder.add('one', [['k', 'é']]);
    builder.add('');
    const file = await fileOf(serializerOf(avroEventSerializer), [builder.build().slice(0, 2)]);
    const { metadata, counts, data } = containerContents(file);
    expect(metadata.map(([key]) => key).sort()).toEqual(['avro.codec', 'avro.schema']);
    expect(counts).toEqual([2]);
    expect(data.toString('hex')).toBe(`02026b04c3a900066f6e65${'0000'}`);
  });

  it('writes headers that all events share with each', async () => {
    const builder = new BatchBuilder();
    builder.add('x');
    builder.add('y');
    const file = await fileOf(serializerOf(avroEventSerializer), [builder.build(new Map([['s', '1']]))]);
    expect(containerContents(file).data.toString('hex')).toBe('02027302310002780202730231000279');
  });

  it.each(['null', 'deflate', 'snappy', 'zstandard'])('ends blocks by size, with %s', async (codec) => {
    const bodies = Array.from({ length: 100 }, (_, i) => `body number ${i + 100} of many`);
    const properties = { syncIntervalBytes: 500, compressionCodec: codec };
    const file = await fileOf(serializerOf(avroEventSerializer, properties), [batchOf(...bodies)]);
    const { counts, data, metadata } = containerContents(file);
    expect(Object.fromEntries(metadata)['avro.codec']).toBe(codec);
    expect(counts.slice(0, -1).every((count) => count === counts[0])).toBe(true);
    expect(counts.length).toBeGreaterThan(3);
    expect(counts.reduce((a, b) => a + b)).toBe(100);
    expect(data.toString()).toContain('body number 199 of many');
  });

  it('has all of its events in the file with each flush, and gives nothing twice', async () => {
    const serializer = serializerOf(avroEventSerializer);
    const parts = [serializer.begin(), await serializer.encode(batchOf('a', 'b')), await serializer.flush!()];
    expect(containerContents(Buffer.concat(parts)).counts).toEqual([2]);
    expect(await serializer.flush!()).toHaveLength(0);
    parts.push(await serializer.encode(batchOf('c')), await serializer.end());
    expect(containerContents(Buffer.concat(parts)).counts).toEqual([2, 1]);
  });

  it('has no codec that is not there, and says so', () => {
    const notes = (compressionCodec: string) =>
      avroEventSerializer.notes!({ compressionCodec } as never).map(({ key }) => key);
    expect(notes('nope')).toEqual(['compressionCodec']);
    expect(notes('deflate')).toEqual([]);
    expect(() => contextFor(avroEventSerializer, { compressionCodec: 'bzip2' })).toThrow('not built');
    expect(() => contextFor(avroEventSerializer, { syncIntervalBytes: 31 })).toThrow('syncIntervalBytes');
  });
});

describe('AvroEventSerializer', () => {
  const literal = '{"type": "string"}';
  const datum = (text: string) => Buffer.concat([Buffer.from([text.length * 2]), Buffer.from(text)]);
  const batchWith = (headers: [string, string][], ...bodies: Buffer[]) => {
    const builder = new BatchBuilder();
    for (const body of bodies) builder.add(body, headers);
    return builder.build();
  };
  const withLiteral = (...bodies: Buffer[]) => batchWith([['flume.avro.schema.literal', literal]], ...bodies);

  it('writes bodies as they are under the schema of the first event', async () => {
    const serializer = serializerOf(avroBodySerializer);
    const batches = [withLiteral(datum('a')), withLiteral(datum('bc'))];
    const file = containerContents(await fileOf(serializer, batches, true));
    expect(Object.fromEntries(file.metadata)['avro.schema']).toBe('{"type":"string"}');
    expect(file.counts).toEqual([1, 1]);
    expect(file.data.equals(Buffer.concat([datum('a'), datum('bc')]))).toBe(true);
  });

  it('takes the schema from schemaURL, the header flume.avro.schema.url goes before it', async () => {
    using dir = tempDir('millrace-schema-');
    writeFileSync(dir.join('s.avsc'), literal);
    const url = pathToFileURL(dir.join('s.avsc')).href;
    const fixed = serializerOf(avroBodySerializer, { schemaURL: url });
    expect(containerContents(await fileOf(fixed, [batchWith([], datum('a'))])).counts).toEqual([1]);
    const other = serializerOf(avroBodySerializer, { schemaURL: 'file:///nowhere' });
    const named = batchWith([['flume.avro.schema.url', url]], datum('a'));
    expect(containerContents(await fileOf(other, [named])).counts).toEqual([1]);
  });

  it.each<[string, [string, string][], string]>([
    ['no schema', [], 'no schema'],
    ['a literal that is none', [['flume.avro.schema.literal', '{']], 'no Avro schema'],
    ['a URL that is none', [['flume.avro.schema.url', 'x']], 'no URL'],
    ['hdfs: without a path', [['flume.avro.schema.url', 'hdfs://h']], 'not hdfs://SERVER/PATH'],
    ['gs:', [['flume.avro.schema.url', 'gs://h/x']], 'not built'],
  ])('has no event with %s', async (_, headers, reason) => {
    const serializer = serializerOf(avroBodySerializer);
    const error = await Promise.resolve(serializer.encode(batchWith(headers, datum('a')))).catch((e) => e);
    expect(error).toBeInstanceOf(NotWritable);
    expect(error.message).toContain(reason);
    // It has taken nothing: the next event begins the file.
    expect(containerContents(await fileOf(serializer, [withLiteral(datum('b'))])).counts).toEqual([1]);
  });

  it('has no event of another schema, nor a body that is no datum', async () => {
    const serializer = serializerOf(avroBodySerializer);
    const begun = await serializer.encode(withLiteral(datum('a')));
    const others = batchWith([['flume.avro.schema.literal', '"bytes"']], datum('a'));
    expect(() => serializer.encode(others)).toThrow(NotWritable);
    expect(() => serializer.encode(withLiteral(datum('a'), Buffer.from([9])))).toThrow('no datum');
    expect(containerContents(Buffer.concat([begun, await serializer.end()])).counts).toEqual([1]);
  });

  it('is of no more use where the schema can’t be had, and no event is at fault', async () => {
    const serializer = serializerOf(avroBodySerializer, { schemaURL: 'file:///nowhere/at/all' });
    const error = await Promise.resolve(serializer.encode(batchWith([], datum('a')))).catch((e) => e);
    expect(error).not.toBeInstanceOf(NotWritable);
    expect(error.message).toContain('ENOENT');
  });
});
