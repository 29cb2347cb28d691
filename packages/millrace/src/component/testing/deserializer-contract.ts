import assert from 'node:assert/strict';
import {
  type EventDeserializer,
  type InputMark,
  InputUnreadable,
  type ResettableInput,
  startMark,
} from '../deserializer.ts';
import type { TestApi } from './test-api.ts';
import { type RepeatedBytes, TestInput, type TestInputOptions } from './test-input.ts';

export interface DeserializerContractSetup {
  create(input: ResettableInput): EventDeserializer;
  /** An input of at least twenty events, small, with every kind of event and character there is; nothing unreadable. */
  readonly sample: Buffer;
  /** Bodies of its events. */
  readonly events: readonly Buffer[];
  /** How the input is text. */
  readonly text?: Omit<TestInputOptions, 'chunkBytes'>;
  /** What an input without bytes is. */
  readonly empty: 'no events' | 'unreadable';
  /** An input of many megabytes; how many events each unit has. */
  readonly huge: RepeatedBytes & { readonly eventsPerUnit: number };
  /** Most bytes that it may ask of the input, and give as one batch, while it reads the huge one. */
  readonly mostBytes: number;
}

interface Read {
  readonly bodies: string[];
  /** Of unreadable bytes. */
  readonly unreadable: string[];
  /** After each read. */
  readonly marks: { readonly mark: InputMark; readonly events: number }[];
}

/** Tests a deserializer against the contract in `deserializer.ts`. */
export function deserializerContract(test: TestApi, name: string, setup: DeserializerContractSetup): void {
  const { sample, text = {} } = setup;
  const events = setup.events.map((body) => body.toString('hex'));
  const open = (bytes: Buffer, chunkBytes?: number, from: InputMark = startMark): EventDeserializer => {
    const chunk = chunkBytes === undefined ? {} : { chunkBytes };
    const deserializer = setup.create(new TestInput(bytes, { ...text, ...chunk }));
    if (from !== startMark) deserializer.reset(from);
    return deserializer;
  };

  test.describe(`deserializer contract: ${name}`, () => {
    for (const size of [1, 3, 1000]) {
      test.it(`gives all events in order, at most ${size} at a time`, async () => {
        const read = await readAll(open(sample), size);
        assert.deepEqual(read.bodies, events);
        assert.deepEqual(read.unreadable, []);
      });
    }

    test.it('gives the same wherever the chunks of its input end', async () => {
      for (let chunkBytes = 1; chunkBytes <= Math.min(70, sample.length); chunkBytes++) {
        const read = await readAll(open(sample, chunkBytes), 7);
        assert.deepEqual(read.bodies, events, `chunks of ${chunkBytes}`);
      }
    });

    test.it('gives the same rest from each mark, to another instance', async () => {
      for (const size of [1, 2, 5]) {
        const { marks } = await readAll(open(sample), size);
        for (const { mark, events: before } of marks) {
          const rest = await readAll(open(sample, 11, { ...mark }), 4);
          assert.deepEqual(rest.bodies, events.slice(before), `from ${JSON.stringify(mark)}`);
        }
      }
    });

    test.it('goes back to its last mark, and forward again', async () => {
      const deserializer = open(sample, 13);
      let before = 0;
      for (let mark = deserializer.mark(); ; mark = deserializer.mark()) {
        const first = await deserializer.read(3);
        await deserializer.read(4);
        deserializer.reset(mark);
        const again = await deserializer.read(3);
        // The same events; how many come at once goes by how many bytes of the input are at hand.
        const [now, then] = [bodiesOf(again), bodiesOf(first)];
        const both = Math.min(now.length, then.length);
        assert.deepEqual(now.slice(0, both), then.slice(0, both));
        assert.equal(again === null, first === null);
        if (again === null) break;
        before += again.batch?.count ?? 0;
      }
      assert.equal(before, events.length);
    });

    test.it('has marks inside of its input that never go back', async () => {
      const { marks } = await readAll(open(sample), 2);
      let last: InputMark = startMark;
      for (const { mark } of marks) {
        assert.ok(mark.offset >= last.offset && mark.offset <= sample.length);
        assert.ok(mark.offset > last.offset || mark.events >= last.events);
        last = mark;
      }
    });

    test.it('stays at the end', async () => {
      const deserializer = open(sample);
      await readAll(deserializer, 1000);
      const mark = deserializer.mark();
      assert.equal(await deserializer.read(10), null);
      assert.deepEqual(deserializer.mark(), mark);
      assert.equal(await open(sample, undefined, mark).read(10), null);
    });

    test.it('takes an input without bytes', async () => {
      const read = open(Buffer.alloc(0)).read(10);
      if (setup.empty === 'no events') assert.equal(await read, null);
      else await assert.rejects(read, InputUnreadable);
    });

    test.it('gives of a truncated input what stands before the cut', async () => {
      for (let length = 0; length < sample.length; length++) {
        const read = await readAll(open(sample.subarray(0, length)), 5).catch((error: unknown) => {
          if (error instanceof InputUnreadable) return null;
          throw error;
        });
        if (read === null) continue;
        // The last one may be what the cut has left of an event.
        const whole = read.bodies.slice(0, -1);
        assert.deepEqual(whole, events.slice(0, whole.length), `cut at ${length}`);
        assert.ok(read.bodies.length <= events.length, `cut at ${length}`);
      }
    });

    test.it('needs no more memory for a huge input', async () => {
      const { huge, mostBytes } = setup;
      const input = new TestInput(huge, text);
      const deserializer = setup.create(input);
      let count = 0;
      for (;;) {
        const read = await deserializer.read(100_000);
        if (read === null) break;
        const { batch } = read;
        assert.ok(batch !== null && batch.count > 0);
        assert.ok(batch.retainedBytes <= mostBytes, `a batch of ${batch.retainedBytes} bytes`);
        count += batch.count;
      }
      assert.equal(count, huge.eventsPerUnit * huge.times);
      assert.ok(input.mostAsked <= mostBytes, `${input.mostAsked} bytes were asked for`);
    });
  });
}

async function readAll(deserializer: EventDeserializer, size: number): Promise<Read> {
  const read: Read = { bodies: [], unreadable: [], marks: [] };
  for (;;) {
    const next = await deserializer.read(size);
    if (next === null) return read;
    const count = (next.batch?.count ?? 0) + next.unreadable.length;
    assert.ok(count > 0, 'a read gives something');
    assert.ok((next.batch?.count ?? 0) <= size, `at most ${size} events`);
    read.bodies.push(...bodiesOf(next));
    read.unreadable.push(...next.unreadable.map(({ bytes }) => bytes.toString('hex')));
    read.marks.push({ mark: deserializer.mark(), events: read.bodies.length });
  }
}

function bodiesOf(read: Awaited<ReturnType<EventDeserializer['read']>>): string[] {
  return read?.batch ? [...read.batch].map((event) => event.body.toString('hex')) : [];
}
