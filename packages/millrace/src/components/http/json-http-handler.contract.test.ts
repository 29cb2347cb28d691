import { describe, it } from 'vitest';
import { contextFor } from '../../component/testing/context.ts';
import { httpHandlerContract } from '../../component/testing/http-handler-contract.ts';
import { jsonHttpHandler } from './json-http-handler.ts';

const utf16 = (text: string) =>
  Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(text, 'utf16le').swap16()]);
const event = (body: string, headers: Record<string, string> = {}) => ({ headers, body });

httpHandlerContract({ describe, it }, 'JSONHandler', {
  create: () => jsonHttpHandler.create(contextFor(jsonHttpHandler)),
  cases: [
    {
      what: 'events with headers and without',
      request: { contentType: 'application/json' },
      body: '[{"headers":{"a":"1","b":"zwei"},"body":"one"},{"body":"two"},{}]',
      comes: [event('one', { a: '1', b: 'zwei' }), event('two'), event('')],
    },
    { what: 'no event', request: {}, body: '[]', comes: null },
    {
      what: 'escapes',
      request: {},
      body: '[{"body":"\\u0041\\n\\"\\\\"}]',
      comes: [event('A\n"\\')],
    },
    {
      what: 'bytes that are no UTF-8',
      request: {},
      body: Buffer.from('[{"body":"\xff"}]', 'latin1'),
      comes: [event(Buffer.from('\uFFFD').toString('latin1'))],
    },
    {
      what: 'UTF-16',
      request: { charset: 'UTF-16' },
      body: utf16('[{"body":"x"}]'),
      comes: [event(Buffer.from('feff0078', 'hex').toString('latin1'))],
    },
    { what: 'another charset', request: { charset: 'ISO-8859-1' }, body: '[]', comes: 'fault' },
    { what: 'a charset of no name', request: { charset: '' }, body: '[]', comes: 'fault' },
    { what: 'nothing', request: { method: 'GET' }, body: '', comes: 'fault' },
    { what: 'an array without end', request: {}, body: '[{"body":"x"},', comes: 'bad' },
    { what: 'an object', request: {}, body: '{"body":"x"}', comes: 'bad' },
    { what: 'an event that is null', request: {}, body: '[{"body":"x"},null]', comes: 'fault' },
    { what: 'a header twice', request: {}, body: '[{"headers":{"a":"1","a":"2"}}]', comes: 'bad' },
    { what: 'a body of an object', request: {}, body: '[{"body":{}}]', comes: 'bad' },
    { what: 'arrays in one another', request: {}, body: '['.repeat(50_000), comes: 'bad' },
    {
      what: 'a field that nobody knows, deep',
      request: {},
      body: `[{"x":${'['.repeat(50_000)}${']'.repeat(50_000)},"body":"y"}]`,
      comes: [event('y')],
    },
  ],
});
