import { describe, it } from 'vitest';
import { contextFor } from '../../component/testing/context.ts';
import { type HttpHandlerCase, httpHandlerContract } from '../../component/testing/http-handler-contract.ts';
import { blobHttpHandler, upperBlobHttpHandler } from './blob-http-handler.ts';

const event = (body: string, headers: Record<string, string> = {}) => [{ headers, body }];
const form = 'application/x-www-form-urlencoded';

/** What both make the same of. */
const both: readonly HttpHandlerCase[] = [
  { what: 'a body', request: {}, body: 'x\ny', comes: event('x\ny') },
  { what: 'no body', request: { method: 'GET' }, body: '', comes: event('') },
  {
    what: 'bytes that are no text',
    request: {},
    body: Buffer.from([0, 0xff, 0xc3]),
    comes: event('\0\xff\xc3'),
  },
  {
    what: 'parameters, of each the first',
    request: { url: '/p?a=1&b=x+y%2C%C3%A9&a=2&c' },
    body: 'x',
    comes: event('x', { a: '1', b: 'x y,é', c: '' }),
  },
  {
    what: 'a query that is none',
    request: { url: '/?%&&=&%zz=1' },
    body: 'x',
    comes: event('x', { '%': '', '': '', '%zz': '1' }),
  },
];

httpHandlerContract({ describe, it }, 'BlobHandler', {
  create: () => blobHttpHandler.create(contextFor(blobHttpHandler, { maxBlobLength: 1000 })),
  cases: [
    ...both,
    {
      what: 'a content type',
      request: { contentType: 'text/csv' },
      body: '1,2',
      comes: event('1,2', { 'Content-Type': 'text/csv' }),
    },
    {
      what: 'a form',
      request: { contentType: form, url: '/?a=1' },
      body: 'a=2&b=3',
      comes: event('', { 'Content-Type': form, a: '1', b: '3' }),
    },
    {
      what: 'a form that is too long',
      request: { contentType: form },
      body: 'x'.repeat(200_001),
      comes: 'fault',
    },
    { what: 'more than maxBlobLength', request: {}, body: 'x'.repeat(1001), comes: event('x'.repeat(1000)) },
  ],
});

httpHandlerContract({ describe, it }, 'BLOBHandler', {
  create: () => upperBlobHttpHandler.create(contextFor(upperBlobHttpHandler)),
  cases: [...both, { what: 'a form', request: { contentType: form }, body: 'a=b', comes: event('a=b') }],
});

httpHandlerContract({ describe, it }, 'BLOBHandler with mandatoryParameters', {
  create: () =>
    upperBlobHttpHandler.create(contextFor(upperBlobHttpHandler, { mandatoryParameters: 'app,host' })),
  cases: [
    {
      what: 'all of them',
      request: { url: '/?app=1&host=' },
      body: 'x',
      comes: event('x', { app: '1', host: '' }),
    },
    { what: 'one is missing', request: { url: '/?app=1' }, body: 'x', comes: 'fault' },
    { what: 'none', request: {}, body: 'x', comes: 'fault' },
  ],
});
