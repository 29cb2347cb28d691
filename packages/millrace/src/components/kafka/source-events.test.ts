import { describe, expect, it } from 'vitest';
import { encodeAvroEvents } from '../../records/avro-event.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { recordsAsEvents } from './source-events.ts';

const at = { topic: 't', partition: 3, baseOffset: 40 };
const time = 1_700_000_000_000;

interface Record {
  readonly headers?: readonly [string, string][];
  /** Headers of the Avro datum in its value. */
  readonly data?: readonly [string, string][];
  readonly key?: string;
}

function headersOf(record: Record, header: Record['headers'] = [], more: { topicHeader?: string } = {}) {
  const options = {
    ...{ useFlumeEventFormat: record.data !== undefined, setTopicHeader: true, topicHeader: 'topic' },
    ...{ header: new Map(header), setAside: true, ...more },
  };
  const builder = new BatchBuilder();
  let value: Uint8Array = Buffer.from('body');
  if (record.data !== undefined) {
    const event = new BatchBuilder();
    event.add('body', record.data);
    value = encodeAvroEvents(event.build()).event(0).body;
  }
  builder.add(value, record.headers, record.key ?? null, time);
  const { batch } = recordsAsEvents(builder.build(), at, 'r1', options);
  const event = batch.event(0);
  const headers = event.headers();
  for (const [name, shown] of headers) expect(event.header(name), name).toBe(shown);
  return Object.fromEntries(headers);
}

const shown = { topic: 't', partition: '3', offset: '40', timestamp: String(time) };

describe('headers of KafkaSource, as Flume 1.11 has them', () => {
  it('are those of the record', () => {
    expect(headersOf({ key: 'k' })).toEqual({ ...shown, key: 'k' });
  });

  it('are mapped from record headers, and go before all but the key', () => {
    const headers: [string, string][] = [['h', 'x']];
    const mapped = ['offset', 'timestamp', 'partition', 'topic', 'key', 'mine'].map(
      (name): [string, string] => [name, 'h'],
    );
    const all = Object.fromEntries(mapped.map(([name]) => [name, 'x']));
    expect(headersOf({ headers, key: 'k' }, mapped)).toEqual({ ...all, key: 'k' });
    expect(headersOf({ headers: [] }, mapped)).toEqual(shown);
  });

  it('are those of the Avro datum first', () => {
    const data: [string, string][] = ['offset', 'timestamp', 'partition', 'topic', 'key', 'mine'].map(
      (name) => [name, 'd'],
    );
    const all = Object.fromEntries(data);
    expect(headersOf({ data })).toEqual(all);
    expect(headersOf({ data, key: 'k' })).toEqual({ ...all, key: 'k' });
    expect(headersOf({ data, headers: [['h', 'x']] }, [['offset', 'h']])).toEqual({ ...all, offset: 'x' });
    // A mapped name whose record header is not there takes nothing away.
    expect(headersOf({ data }, [['timestamp', 'h']])).toEqual(all);
  });

  it.each([
    ['timestamp', { timestamp: String(time), partition: '3', offset: '40' }],
    ['offset', { timestamp: String(time), partition: '3', offset: 't' }],
    ['partition', { timestamp: String(time), partition: 't', offset: '40' }],
  ])('have the topic under topicHeader = %s only where that is free', (topicHeader, expected) => {
    expect(headersOf({}, [], { topicHeader })).toEqual(expected);
  });
});
