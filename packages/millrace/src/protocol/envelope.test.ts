import { describe, expect, it } from 'vitest';
import {
  decodeResponseFrame,
  encodeRequestFrame,
  encodeResponseFrame,
  isServed,
  openRequest,
  peekCorrelationId,
} from './envelope.ts';
import { errorCodeOf } from './error-codes.ts';
import { messages } from './messages.ts';

/** The frame as the framer gives it. */
function frame(chunks: Buffer[]): Buffer {
  const whole = Buffer.concat(chunks);
  expect(whole.readInt32BE(0)).toBe(whole.length - 4);
  return whole.subarray(4);
}

describe('requests', () => {
  it.each([
    [8, 'old header', '000300080000000700016300000000'],
    [9, 'flexible header', '000300090000000700016300'],
  ] as const)('writes and opens version %d (%s)', (version, _what, start) => {
    const bytes = frame(encodeRequestFrame(messages.metadata, version, 7, 'c', { topics: [] }));
    expect(bytes.toString('hex').startsWith(start)).toBe(true);
    const request = openRequest(bytes, '127.0.0.1:1');
    expect(request).toMatchObject({ api: messages.metadata, version, correlationId: 7, clientId: 'c' });
    expect(messages.metadata.decodeRequest(request.body, version).topics).toEqual([]);
    expect(request.body.remaining).toBe(0);
  });

  it('holds the caller to the types of the message', () => {
    const { metadata } = messages;
    // @ts-expect-error a request of Metadata has no group
    const wrong = (): Buffer[] => encodeRequestFrame(metadata, 9, 7, null, { topics: [], groupId: 'g' });
    expect(wrong).not.toThrow();
  });

  it('opens an ApiVersions request of a version from the future', () => {
    const future = Buffer.from('00120005000000090001630000', 'hex');
    const request = openRequest(future, 'peer');
    expect(request).toMatchObject({ version: 5, correlationId: 9, clientId: 'c' });
    expect(isServed(request.api, request.version)).toBe(false);
    expect(isServed(request.api, 4)).toBe(true);
  });

  it('refuses a key it does not know, and a header that is cut', () => {
    expect(() => openRequest(Buffer.from('03e7000000000001ffff', 'hex'), '10.0.0.1:5')).toThrow(
      'request from 10.0.0.1:5: the API key 999 is not known',
    );
    expect(() => openRequest(Buffer.from('0003', 'hex'), 'peer')).toThrow('2 bytes are announced');
    expect(() => openRequest(Buffer.from('000300090000', 'hex'), 'peer')).toThrow(
      'Metadata request, version 9',
    );
  });
});

describe('responses', () => {
  it('writes and reads both headers', () => {
    for (const version of [3, 4]) {
      const bytes = frame(encodeResponseFrame(messages.heartbeat, version, 42, { errorCode: 27 }));
      expect(peekCorrelationId(bytes)).toBe(42);
      expect(decodeResponseFrame(messages.heartbeat, version, bytes, 'broker')).toEqual({
        throttleTimeMs: 0,
        errorCode: 27,
      });
    }
  });

  it('reads the answer of a broker that does not know the version of ApiVersions', () => {
    const errorCode = errorCodeOf('UNSUPPORTED_VERSION');
    const apiKeys = [{ apiKey: 18, minVersion: 0, maxVersion: 4 }];
    const bytes = frame(encodeResponseFrame(messages.apiVersions, 0, 1, { errorCode, apiKeys }));
    expect(decodeResponseFrame(messages.apiVersions, 5, bytes, 'broker')).toMatchObject({
      errorCode,
      apiKeys,
    });
  });
});
