/** Bytes that are no Thrift, or none that is taken here. Says what is wrong, not where from: its caller knows the peer. */
export class NotThrift extends Error {
  override readonly name: string = 'NotThrift';
}

/** A struct that is whole, and lacks a field that it must have. */
export class MissingField extends NotThrift {
  override readonly name = 'MissingField';

  constructor(field: string, struct: string) {
    super(`Required field '${field}' was not present! Struct: ${struct}`);
  }
}
