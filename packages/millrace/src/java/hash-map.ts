/**
 * The order of Java's hash maps, which shows wherever Flume prints or serializes an event's headers.
 *
 * `java.util.HashMap` goes through its table of buckets: a name's bucket is the low bits of its spread hash code, the
 * table doubles when it is more than three quarters full, and names of one bucket stay in the order they came in.
 */

/** The table of `new HashMap<>()`. */
const defaultCapacity = 16;
const loadFactor = 0.75;

/**
 * The names in the order in which a `java.util.HashMap` that was filled in this order iterates over them; a name that
 * comes twice keeps its first place. `initialCapacity` is that of `new HashMap<>(initialCapacity)`: a map made small
 * stays smaller than the default, and so has another order.
 */
export function javaHashMapOrder(names: Iterable<string>, initialCapacity = defaultCapacity): string[] {
  const unique = [...new Set(names)];
  if (unique.length < 2) return unique;
  const mask = tableSize(unique.length, initialCapacity) - 1;
  // Insertion sort: stable, and the quickest for the handful of headers that an event has.
  const buckets: number[] = [];
  for (let i = 0; i < unique.length; i++) {
    const name = unique[i]!;
    const bucket = spreadHash(name) & mask;
    let to = i;
    for (; to > 0 && buckets[to - 1]! > bucket; to--) {
      buckets[to] = buckets[to - 1]!;
      unique[to] = unique[to - 1]!;
    }
    buckets[to] = bucket;
    unique[to] = name;
  }
  return unique;
}

/** The table size of `new HashMap<>(map)` (Java 8 to 17), as Flume's `EventBuilder.withBody(body, headers)` makes it. */
export function javaMapCopyCapacity(entries: number): number {
  return tableSize(0, Math.floor(entries / loadFactor + 1));
}

/**
 * The headers as a `java.util.HashMap` filled in their order iterates over them; `isCopied`: as the copy of such a map
 * does, `new HashMap<>(map)`.
 */
export function javaHashMapEntries(
  headers: ReadonlyMap<string, string>,
  isCopied = false,
): [string, string][] {
  const capacity = isCopied ? javaMapCopyCapacity(headers.size) : defaultCapacity;
  return javaHashMapOrder(headers.keys(), capacity).map((name) => [name, headers.get(name)!]);
}

function tableSize(entries: number, initialCapacity: number): number {
  let size = 1;
  while (size < initialCapacity) size *= 2;
  while (entries > size * loadFactor) size *= 2;
  return size;
}

/** `String.hashCode` over UTF-16 units, its high half mixed into the low one as `HashMap.hash` does. */
function spreadHash(name: string): number {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) | 0;
  return hash ^ (hash >>> 16);
}

/** A map as Java prints it: `{k=v, k2=v2}`, in HashMap order; `isCopied` as for `javaHashMapEntries`. */
export function javaMapText(map: ReadonlyMap<string, string>, isCopied = false): string {
  return `{${javaHashMapEntries(map, isCopied)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')}}`;
}
