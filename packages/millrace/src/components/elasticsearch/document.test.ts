import { describe, expect, it } from 'vitest';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventView } from '../../records/event-batch.ts';
import { dynamicDocument, logStashDocument } from './document.ts';
import { indexNamer, simpleClass, timeBasedClass } from './index-name.ts';

function eventOf(body: Uint8Array | string, headers: Record<string, string> = {}): EventView {
  const builder = new BatchBuilder();
  builder.add(body, Object.entries(headers));
  return builder.build().event(0);
}

// Of Flume's own TestElasticSearchLogStashEventSerializer and TestElasticSearchDynamicSerializer, and of its code.
describe('the document of Logstash', () => {
  it('has the well-known headers as fields, and all headers below @fields', () => {
    const headers = {
      ...{ timestamp: '1546300800123', source: 'flume_tail_src', host: 'test@localhost' },
      ...{ src_path: '/tmp/test', headerNameOne: 'headerValueOne', type: 'sometype' },
    };
    expect(JSON.parse(logStashDocument(eventOf('test body', headers)))).toEqual({
      '@message': 'test body',
      '@timestamp': '2019-01-01T00:00:00.123Z',
      '@source': 'flume_tail_src',
      '@type': 'sometype',
      '@source_host': 'test@localhost',
      '@source_path': '/tmp/test',
      '@fields': headers,
    });
  });

  it('leaves a field to the header that has its name', () => {
    const headers = { timestamp: 'x', '@timestamp': 'mine', host: 'h', '@source_host': 'H', source: ' ' };
    expect(JSON.parse(logStashDocument(eventOf('', headers)))).toEqual({
      '@message': '',
      '@fields': headers,
    });
  });

  it.each(['soon', '1e3', '99999999999999999', '9999999999999999'])(
    'refuses the timestamp %s',
    (timestamp) => {
      expect(() => logStashDocument(eventOf('x', { timestamp }))).toThrow('header timestamp: ');
    },
  );
});

describe('the dynamic document', () => {
  it('has the body and each header as a field; a header called body is left out', () => {
    const event = eventOf('test body', { headerNameOne: 'one', body: 'other' });
    expect(JSON.parse(dynamicDocument(event))).toEqual({ body: 'test body', headerNameOne: 'one' });
    expect(dynamicDocument(eventOf('x'))).toBe('{"body":"x"}');
  });

  it.each([
    ['{"json":"foo","n":12345678901234567890.10}', '{"json":"foo","n":12345678901234567890.10}'],
    ['[\n{"a":1},\r\n2]', '[ {"a":1},  2]'],
    ['  {"a":{}}', '  {"a":{}}'],
    ['{flume: not json}', '"{flume: not json}"'],
    ['{"a":1} {"b":2}', '"{\\"a\\":1} {\\"b\\":2}"'],
    // No brace where Flume looks for one.
    ['[1,2]', '"[1,2]"'],
    [`${' '.repeat(20)}{"a":1}`, `"${' '.repeat(20)}{\\"a\\":1}"`],
    ['12', '"12"'],
    ['a\nb"\u0000', '"a\\nb\\"\\u0000"'],
  ])('keeps JSON as it is written: %j', (text, json) => {
    expect(dynamicDocument(eventOf(text))).toBe(`{"body":${json}}`);
    expect(dynamicDocument(eventOf('x', { h: text }))).toBe(`{"body":"x","h":${json}}`);
  });

  it('has U+FFFD for what is no UTF-8', () => {
    expect(JSON.parse(dynamicDocument(eventOf(Buffer.from([0x61, 0xff]))))).toEqual({ body: 'a\ufffd' });
  });
});

describe('the name of an index', () => {
  const now = () => Date.UTC(2026, 1, 3);
  it.each([
    [{ timestamp: '1546300799999' }, 'flume-2018-12-31'],
    [{ timestamp: ' ', '@timestamp': '1546300800000' }, 'flume-2019-01-01'],
    [{ timestamp: '0', '@timestamp': '1546300800000' }, 'flume-1970-01-01'],
    [{}, 'flume-2026-02-03'],
  ])('has the day of its event: %j', (headers, name) => {
    expect(indexNamer(timeBasedClass, 'flume', now)(eventOf('x', headers))).toBe(name);
  });

  it('has escapes, and no day where SimpleIndexNameBuilder makes it', () => {
    const event = eventOf('x', { app: 'shop', timestamp: '1546300800000' });
    expect(indexNamer(simpleClass, 'logs-%{app}%{none}', now)(event)).toBe('logs-shop');
    expect(indexNamer(simpleClass, 'logs-%Y', now)(event)).toMatch(/^logs-201[89]$/);
    expect(indexNamer(timeBasedClass, '%{app}', now)(event)).toBe('shop-2019-01-01');
  });

  it('can not be had of a time that is none', () => {
    const name = indexNamer(timeBasedClass, 'flume', now);
    expect(() => name(eventOf('x', { '@timestamp': '2019-01-01T00:00:00Z' }))).toThrow('header @timestamp: ');
    expect(() => indexNamer(simpleClass, '%Y', now)(eventOf('x'))).toThrow('Expected timestamp');
  });

  it.each(['', '.', '..', 'é'.repeat(128)])('can not be %j', (index) => {
    const name = indexNamer(simpleClass, '%{index}', now);
    expect(() => name(eventOf('x', { index }))).toThrow('no index can have the name ');
    expect(name(eventOf('x', { index: '...' }))).toBe('...');
  });
});
