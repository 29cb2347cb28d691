/** Thrift's types by the numbers of the binary protocol; the compact one has numbers of its own for the same. */
export const types = {
  stop: 0,
  bool: 2,
  byte: 3,
  double: 4,
  i16: 6,
  i32: 8,
  i64: 10,
  string: 11,
  struct: 12,
  map: 13,
  set: 14,
  list: 15,
} as const;

/** What a message is, by its number. */
export const kinds = { call: 1, reply: 2, exception: 3, oneway: 4 } as const;

export interface MessageHead {
  readonly name: string;
  /** One of `kinds`; others come as they are. */
  readonly kind: number;
  /** An int32 that the answer carries back. */
  readonly sequence: number;
}

/** Whether a number is a type that a value can have. */
export function isType(type: number): boolean {
  return type >= 2 && type <= 15 && type !== 5 && type !== 7 && type !== 9;
}

/** Structs and containers in one another, deeper than which nothing is read (libthrift's recursion limit). */
export const mostDepth = 64;
/** No method has a longer name. */
export const mostNameBytes = 1024;
