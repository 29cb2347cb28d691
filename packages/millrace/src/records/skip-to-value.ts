import type { VarintReader } from './varint.ts';

/** From the beginning of a record to the length of its value, which is -1 where it has none. */
export function skipToValue(reader: VarintReader): void {
  reader.int(); // length
  reader.skip(1); // attributes
  reader.long(); // timestamp delta
  reader.int(); // offset delta
  const keyBytes = reader.int();
  if (keyBytes > 0) reader.skip(keyBytes);
}
