/** Every codec, in every version: what it writes it reads; whatever else it reads, it refuses with one kind of error. */
import { deepStrictEqual } from 'node:assert';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Framer } from '../../packages/millrace/src/protocol/framer.ts';
import { Reader } from '../../packages/millrace/src/protocol/reader.ts';
import { Writer } from '../../packages/millrace/src/protocol/writer.ts';
import { MillraceError } from '../../packages/millrace/src/runtime/errors.ts';
import {
  arbitraryMessage,
  codecOf,
  loadSchemas,
  versionsOf,
} from '../../packages/testkit/src/kafka/protocol-messages.ts';

const schemas = loadSchemas();

/** Decodes; a refusal is fine, any other error fails the test. */
function decodeOrRefuse(
  decode: (reader: Reader, version: number) => unknown,
  bytes: Buffer,
  version: number,
): unknown {
  try {
    return decode(new Reader(bytes), version);
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'PROTOCOL') return null;
    throw error;
  }
}

/** What a decoded message holds: elements of arrays, characters and bytes. */
function contentOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (Buffer.isBuffer(value)) return value.length;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + 1 + contentOf(item), 0);
  if (value !== null && typeof value === 'object') {
    return Object.values(value).reduce<number>((sum, item) => sum + contentOf(item), 0);
  }
  return 0;
}

/**
 * At most 22 characters for a UUID's 16 bytes, one element or character a byte otherwise; the fields that a version
 * lacks are filled with UUIDs of zeros and short words, at most five in a struct.
 */
const mostContentPerByte = 5 * 22 + 2;

describe.each(schemas.map((schema) => [schema.name, schema] as const))('%s', (_name, schema) => {
  const codec = codecOf(schema);

  it('reads what it writes, in every version', () => {
    for (const version of versionsOf(schema)) {
      fc.assert(
        fc.property(arbitraryMessage(schema, version), (message) => {
          const writer = new Writer();
          codec.encode(writer, message, version);
          const reader = new Reader(writer.toBuffer());
          deepStrictEqual(codec.decode(reader, version), message);
          expect(reader.remaining).toBe(0);
        }),
        { numRuns: 12 },
      );
    }
  });

  it('refuses every message that is cut short', () => {
    for (const version of versionsOf(schema)) {
      fc.assert(
        fc.property(arbitraryMessage(schema, version), fc.nat(), (message, seed) => {
          const writer = new Writer();
          codec.encode(writer, message, version);
          const whole = writer.toBuffer();
          if (whole.length === 0) return;
          const cut = whole.subarray(0, seed % whole.length);
          expect(() => codec.decode(new Reader(cut), version)).toThrow(MillraceError);
        }),
        { numRuns: 4 },
      );
    }
  });

  it('takes or refuses random bytes, and never makes more of them than they can hold', () => {
    for (const version of versionsOf(schema)) {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200, size: 'max' }), (content) => {
          const decoded = decodeOrRefuse(codec.decode, Buffer.from(content), version);
          expect(contentOf(decoded)).toBeLessThanOrEqual((content.length + 1) * mostContentPerByte);
        }),
        { numRuns: 25 },
      );
    }
  });

  it('takes or refuses a message with changed bytes', () => {
    for (const version of versionsOf(schema)) {
      const change = fc.tuple(fc.nat(), fc.constantFrom(0x00, 0x01, 0x7f, 0x80, 0xff));
      fc.assert(
        fc.property(
          arbitraryMessage(schema, version),
          fc.array(change, { minLength: 1, maxLength: 3 }),
          (message, changes) => {
            const writer = new Writer();
            codec.encode(writer, message, version);
            const bytes = Buffer.from(writer.toBuffer());
            for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
            const decoded = decodeOrRefuse(codec.decode, bytes, version);
            expect(contentOf(decoded)).toBeLessThanOrEqual((bytes.length + 1) * mostContentPerByte);
          },
        ),
        { numRuns: 8 },
      );
    }
  });
});

describe('Framer', () => {
  it('gives the same frames however the stream is cut', () => {
    const frames = fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 6 });
    fc.assert(
      fc.property(frames, fc.array(fc.nat({ max: 40 })), (contents, cuts) => {
        const stream = Buffer.concat(
          contents.flatMap((content) => {
            const length = Buffer.alloc(4);
            length.writeInt32BE(content.length);
            return [length, Buffer.from(content)];
          }),
        );
        const framer = new Framer({ maxFrameBytes: 60 });
        const seen: Buffer[] = [];
        let at = 0;
        const take = (size: number): void => {
          framer.push(stream.subarray(at, at + size));
          at += size;
          for (let frame = framer.next(); frame !== null; frame = framer.next()) seen.push(frame);
        };
        for (const cut of cuts) take(cut);
        take(Math.max(0, stream.length - at));
        expect(seen.map((frame) => frame.toString('hex'))).toEqual(
          contents.map((content) => Buffer.from(content).toString('hex')),
        );
        expect(framer.partialBytes).toBe(0);
      }),
    );
  });

  it('ends every random stream with frames or one error', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 30 })), (chunks) => {
        const framer = new Framer({ maxFrameBytes: 1000 });
        try {
          for (const chunk of chunks) {
            framer.push(Buffer.from(chunk));
            for (let frame = framer.next(); frame !== null; frame = framer.next()) {
              expect(frame.length).toBeLessThanOrEqual(1000);
            }
          }
        } catch (error) {
          expect(error).toBeInstanceOf(MillraceError);
          expect(['PROTOCOL', 'FRAME_TOO_LARGE']).toContain((error as MillraceError).code);
          expect(() => framer.next()).toThrow(error as MillraceError);
        }
      }),
    );
  });
});
