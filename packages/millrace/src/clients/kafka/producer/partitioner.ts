/**
 * murmur2 with the seed of Kafka's default partitioner (`Utils.murmur2`), as a signed 32-bit integer.
 */
export function murmur2(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
  const m = 0x5bd1e995;
  const length = to - from;
  const rest = from + (length & ~3);
  let h = 0x9747b28c ^ length;
  for (let at = from; at < rest; at += 4) {
    let k = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    k = Math.imul(k, m);
    h = Math.imul(h, m) ^ k;
  }
  if (rest < to) {
    if (to - rest > 2) h ^= bytes[rest + 2]! << 16;
    if (to - rest > 1) h ^= bytes[rest + 1]! << 8;
    h = Math.imul(h ^ bytes[rest]!, m);
  }
  h ^= h >>> 13;
  h = Math.imul(h, m);
  h ^= h >>> 15;
  return h | 0;
}

/** The partition of a key, as Kafka's default partitioner chooses it, so that both kinds of producer agree. */
export function partitionForKey(key: Uint8Array, partitionCount: number): number {
  return (murmur2(key) & 0x7fffffff) % partitionCount;
}
