import { describe, expect, it } from 'vitest';
import type { HttpHandlerDefinition } from '../../component/define.ts';
import type { HttpSourceRequest } from '../../component/http-handler.ts';
import { contextFor } from '../../component/testing/context.ts';
import { wholeRequest } from '../../component/testing/http-handler-contract.ts';
import { blobHttpHandler, upperBlobHttpHandler } from './blob-http-handler.ts';

async function eventOf(
  definition: HttpHandlerDefinition,
  request: Partial<Omit<HttpSourceRequest, 'body'>> & { readonly body?: string },
  properties: Record<string, string | number> = {},
) {
  const context = contextFor(definition, properties);
  const handler = definition.create(context);
  const { body = '', ...rest } = request;
  const batch = (await handler.events(wholeRequest(rest, body)))!;
  expect(batch.count).toBe(1);
  const event = batch.event(0);
  return {
    headers: Object.fromEntries(event.headers()),
    body: event.body.toString(),
    lines: context.log.lines,
    handler,
  };
}

describe('BlobHandler', () => {
  it('makes headers of the content type and the first of each parameter', async () => {
    const url = '/p?a=1&b=x+y%2C%C3%A9&a=2&c&=n#f';
    const { headers, body } = await eventOf(blobHttpHandler, { url, contentType: 'text/csv', body: '1,2' });
    expect(headers).toEqual({ 'Content-Type': 'text/csv', a: '1', b: 'x y,é', c: '', '': 'n' });
    expect(body).toBe('1,2');
  });

  it('reads a form as parameters; what the query says goes before it', async () => {
    const contentType = 'application/x-www-form-urlencoded; charset=utf-8';
    const form = { url: '/?a=1', contentType, body: 'a=2&b=3' };
    const { headers, body } = await eventOf(blobHttpHandler, form);
    expect(headers).toEqual({ 'Content-Type': contentType, a: '1', b: '3' });
    expect(body).toBe('');
    await expect(eventOf(blobHttpHandler, { ...form, body: 'x'.repeat(200_001) })).rejects.toThrow('form');
  });

  it('cuts what is longer than maxBlobLength, and tells it', async () => {
    const { body, lines, handler } = await eventOf(blobHttpHandler, { body: '12345' }, { maxBlobLength: 4 });
    expect(body).toBe('1234');
    expect(lines).toEqual([
      'warn source x1: Request length exceeds maxBlobLength (4), truncating BLOB event!',
    ]);
    // A form has to be read whole, if it is one.
    expect(handler.mostBodyBytes).toBe(200_001);
    expect((await eventOf(blobHttpHandler, {}, { maxBlobLength: 1_000_000 })).handler.mostBodyBytes).toBe(
      1_000_000,
    );
  });
});

describe('BLOBHandler', () => {
  it('demands parameters, and has the body as it is, of a form too', async () => {
    const mandatory = { mandatoryParameters: 'app,,host' };
    const request = { url: '/?app=1&host=', contentType: 'application/x-www-form-urlencoded', body: 'a=b' };
    const { headers, body } = await eventOf(upperBlobHttpHandler, request, mandatory);
    expect([headers, body]).toEqual([{ app: '1', host: '' }, 'a=b']);
    await expect(eventOf(upperBlobHttpHandler, { url: '/?app=1' }, mandatory)).rejects.toThrow(
      'Please specify host parameter in the request.',
    );
  });

  it('demands nothing without mandatoryParameters', async () => {
    expect((await eventOf(upperBlobHttpHandler, { body: 'x' })).body).toBe('x');
  });
});
