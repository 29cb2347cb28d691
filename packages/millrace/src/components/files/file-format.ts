import type { EventSerializer } from '../../component/serializer.ts';
import type { EventBatch } from '../../records/event-batch.ts';

/** What files look like inside, whatever store they are in. */
export interface FileFormat {
  /** Of the name, with its dot; empty: none. */
  readonly extension: string;
  /** One for each file. */
  open(): FileEncoder;
}

/** Turns events into the bytes of one file. Calls come one after the other. */
export interface FileEncoder {
  /** What a new file begins with. */
  begin(): Promise<readonly Buffer[]>;
  /** Takes the events of a batch, or throws and has taken none of them; may keep bytes back. */
  encode(batch: EventBatch): Promise<readonly Buffer[]>;
  /** What was kept back: all events so far can be read of the file as it is then, should nothing follow. */
  settle(): Promise<readonly Buffer[]>;
  /** What a file ends with, and what was kept back. */
  end(): Promise<readonly Buffer[]>;
}

/** A serializer's bytes as they are. */
export function plainFormat(newSerializer: () => EventSerializer): FileFormat {
  return {
    extension: '',
    open: () => {
      const serializer = newSerializer();
      return {
        begin: async () => [serializer.begin()],
        encode: async (batch) => [serializer.encode(batch)],
        settle: async () => [],
        end: async () => [serializer.end()],
      };
    },
  };
}
