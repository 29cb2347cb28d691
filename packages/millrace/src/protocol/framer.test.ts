import { afterEach, describe, expect, it, vi } from 'vitest';
import { MillraceError } from '../runtime/errors.ts';
import { Framer } from './framer.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

function framed(...contents: string[]): Buffer {
  return Buffer.concat(
    contents.map((content) => {
      const frame = Buffer.alloc(4 + content.length);
      frame.writeInt32BE(content.length);
      frame.write(content, 4);
      return frame;
    }),
  );
}

function drain(framer: Framer): string[] {
  const frames: string[] = [];
  for (let frame = framer.next(); frame !== null; frame = framer.next()) frames.push(frame.toString());
  return frames;
}

const stream = framed('first', '', 'a second frame', 'x');
const contents = ['first', '', 'a second frame', 'x'];

describe('splits', () => {
  it('takes a stream byte by byte', () => {
    const framer = new Framer({ maxFrameBytes: 100 });
    const seen: string[] = [];
    for (const byte of stream) {
      framer.push(Buffer.from([byte]));
      seen.push(...drain(framer));
    }
    expect(seen).toEqual(contents);
    expect(framer.partialBytes).toBe(0);
  });

  it('takes a stream cut at any one and any two places', () => {
    for (let first = 0; first <= stream.length; first += 1) {
      for (let second = first; second <= stream.length; second += 1) {
        const framer = new Framer({ maxFrameBytes: 100 });
        const seen: string[] = [];
        for (const piece of [
          stream.subarray(0, first),
          stream.subarray(first, second),
          stream.subarray(second),
        ]) {
          framer.push(piece);
          seen.push(...drain(framer));
        }
        expect(seen, `cut at ${first} and ${second}`).toEqual(contents);
      }
    }
  });

  it('takes chunks pushed before any frame is asked for', () => {
    const framer = new Framer({ maxFrameBytes: 100 });
    for (let at = 0; at < stream.length; at += 3) framer.push(stream.subarray(at, at + 3));
    expect(drain(framer)).toEqual(contents);
  });

  it('gives an empty frame at the very end of what was pushed', () => {
    const framer = new Framer({ maxFrameBytes: 100 });
    framer.push(framed(''));
    expect(drain(framer)).toEqual(['']);
    expect(framer.next()).toBeNull();
  });
});

describe('copies', () => {
  it('gives a view when the frame lies in one chunk', () => {
    const chunk = framed('whole', 'also');
    const framer = new Framer({ maxFrameBytes: 100 });
    framer.push(chunk);
    const frame = framer.next()!;
    chunk.write('W', 4);
    expect(frame.toString()).toBe('Whole');
  });

  it('keeps a frame in pieces apart from its chunks', () => {
    const chunk = framed('in pieces');
    const framer = new Framer({ maxFrameBytes: 100 });
    framer.push(chunk.subarray(0, 7));
    expect(framer.next()).toBeNull();
    chunk.write('XX', 4);
    framer.push(chunk.subarray(7));
    expect(framer.next()!.toString()).toBe('in pieces');
  });
});

describe('ceilings', () => {
  it('refuses a frame above the ceiling, and goes on refusing', () => {
    const framer = new Framer({ maxFrameBytes: 5 });
    framer.push(framed('fives'));
    expect(drain(framer)).toEqual(['fives']);
    framer.push(framed('sixsix'));
    const refused = (): unknown => {
      try {
        return framer.next();
      } catch (error) {
        return error;
      }
    };
    const error = refused();
    expect(error).toBeInstanceOf(MillraceError);
    expect(error).toMatchObject({ code: 'FRAME_TOO_LARGE', details: { length: 6, maxFrameBytes: 5 } });
    framer.push(framed('ok'));
    expect(refused()).toBe(error);
  });

  it('refuses a negative length', () => {
    const framer = new Framer({ maxFrameBytes: 5 });
    framer.push(Buffer.from([0xff, 0xff, 0xff, 0xff]));
    expect(() => framer.next()).toThrow('length -1');
  });

  it('refuses as soon as the length is there, whatever else is', () => {
    const framer = new Framer({ maxFrameBytes: 1000 });
    framer.push(Buffer.from('GET '));
    expect(() => framer.next()).toThrow(/1195725856 bytes, 1000 are allowed/);
  });

  it('allocates with what arrives, not with what is announced', () => {
    const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow');
    const allocated = (): number => allocate.mock.calls.reduce((sum, [size]) => sum + size, 0);
    const announced = 100 * 1024 * 1024;
    const framer = new Framer({ maxFrameBytes: announced });
    const length = Buffer.alloc(4);
    length.writeInt32BE(announced);
    framer.push(length);
    framer.next();
    framer.push(Buffer.alloc(10));
    framer.next();
    expect(allocated()).toBeLessThanOrEqual(64 * 1024);
    const chunk = Buffer.alloc(16 * 1024);
    const chunks = 512;
    for (let i = 0; i < chunks; i += 1) {
      framer.push(chunk);
      framer.next();
    }
    expect(framer.partialBytes).toBe(4 + 10 + chunks * chunk.length);
    // Doubling: all buffers together stay below four times what has arrived, so nothing is copied again and again.
    expect(allocated()).toBeLessThanOrEqual(4 * (chunks + 1) * chunk.length);
  });

  it('tells how far a frame has come', () => {
    const framer = new Framer({ maxFrameBytes: 100 });
    expect(framer.partialBytes).toBe(0);
    framer.push(stream.subarray(0, 2));
    framer.next();
    expect(framer.partialBytes).toBe(2);
    framer.push(stream.subarray(2, 7));
    framer.next();
    expect(framer.partialBytes).toBe(7);
  });
});

it('waits with a frame that there is no buffer for, and takes it when there is one', () => {
  let hasRoom = false;
  const asked: number[] = [];
  const take = (atLeastBytes: number, frameBytes: number) => {
    asked.push(frameBytes);
    return hasRoom ? Buffer.alloc(atLeastBytes) : null;
  };
  const framer = new Framer({ maxFrameBytes: 100, buffers: { take, give: () => {} } });
  const bytes = framed('a frame in two pieces', 'next');
  framer.push(bytes.subarray(0, 10));
  expect(framer.next()).toBe(null);
  framer.push(bytes.subarray(10));
  // All of it is there now, in two chunks: it still takes a buffer.
  expect(framer.next()).toBe(null);
  hasRoom = true;
  expect(drain(framer)).toEqual(['a frame in two pieces', 'next']);
  expect(new Set(asked)).toEqual(new Set(['a frame in two pieces'.length]));
});
