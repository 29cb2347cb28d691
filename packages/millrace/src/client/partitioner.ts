/**
 * murmur2 with the seed of Kafka's default partitioner (`Utils.murmur2`), as a signed 32-bit integer.
 */
export function murmur2(bytes: Uint8Array): number {
  const m = 0x5bd1e995;
  const { length } = bytes;
  let h = 0x9747b28c ^ length;
  const words = length >>> 2;
  for (let i = 0; i < words; i++) {
    const at = i * 4;
    let k = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    k = Math.imul(k, m);
    h = Math.imul(h, m) ^ k;
  }
  const rest = length & ~3;
  switch (length & 3) {
    case 3:
      h ^= (bytes[rest + 2]! << 16) | (bytes[rest + 1]! << 8) | bytes[rest]!;
      h = Math.imul(h, m);
      break;
    case 2:
      h ^= (bytes[rest + 1]! << 8) | bytes[rest]!;
      h = Math.imul(h, m);
      break;
    case 1:
      h ^= bytes[rest]!;
      h = Math.imul(h, m);
      break;
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
