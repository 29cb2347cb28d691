import { NotThrift } from './not-thrift.ts';
import { isType, type MessageHead, mostDepth, types } from './types.ts';

/**
 * Steps over the values of one message, which is all there: nothing is read at or behind its end. What was read last
 * stands in the reader's fields, so that nothing is made for a value. No count or length is believed beyond the bytes
 * that are left: an element has a byte at least. Throws `NotThrift`.
 */
export abstract class ThriftReader {
  bytes: Buffer;
  at = 0;
  /** Of the field at hand. */
  fieldType = 0;
  fieldId = 0;
  /** Of the list, set or map at hand; a list has no keys. Types of an empty one may be 0. */
  keyType = 0;
  valueType = 0;
  count = 0;
  /** Where the bytes of the string at hand begin; they end at `at`. */
  from = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** Begins with another message. */
  reset(bytes: Buffer): void {
    this.bytes = bytes;
    this.at = 0;
  }

  abstract message(): MessageHead;
  /** Begins a struct; what it gives is for `structEnd`. */
  abstract structBegin(): number;
  abstract structEnd(begun: number): void;
  /** Moves to the next field of a struct; false: there is none. */
  abstract field(): boolean;
  abstract list(): void;
  abstract map(): void;
  abstract i32(): number;
  /** A length that is within the bytes. */
  protected abstract length(): number;
  protected abstract skipNumber(type: number): void;

  /** Moves over a string or bytes; how many they are. */
  string(): number {
    const length = this.length();
    this.from = this.at;
    this.skipBytes(length);
    return length;
  }

  text(): string {
    this.string();
    return this.bytes.toString('utf8', this.from, this.at);
  }

  /** Moves over a value of any type. */
  skip(type: number, depth = 1): void {
    if (depth > mostDepth) throw new NotThrift(`its values lie in one another ${depth} deep`);
    switch (type) {
      case types.string:
        this.string();
        return;
      case types.struct:
        this.#skipStruct(depth);
        return;
      case types.list:
      case types.set:
        this.list();
        this.#skipEach(0, this.valueType, depth);
        return;
      case types.map:
        this.map();
        this.#skipEach(this.keyType, this.valueType, depth);
        return;
      default:
        this.skipNumber(type);
    }
  }

  /** A message has nothing behind its struct. */
  end(): void {
    const left = this.bytes.length - this.at;
    if (left > 0) throw new NotThrift(`${left} bytes too many`);
  }

  protected byte(): number {
    if (this.at >= this.bytes.length) throw new NotThrift('it ends too early');
    return this.bytes[this.at++]!;
  }

  /** Moves over so many bytes. */
  protected skipBytes(length: number): void {
    const left = this.bytes.length - this.at;
    if (length < 0 || length > left)
      throw new NotThrift(`a length of ${length} bytes, of which ${left} are there`);
    this.at += length;
  }

  /** Holds what a container announces against the bytes that are left. */
  protected checkCount(leastBytes: number): void {
    const { count } = this;
    const left = this.bytes.length - this.at;
    if (count < 0 || count * leastBytes > left)
      throw new NotThrift(`a container of ${count} elements in the ${left} bytes that are left`);
  }

  protected checkType(type: number): number {
    if (!isType(type)) throw new NotThrift(`there is no type ${type}`);
    return type;
  }

  #skipStruct(depth: number): void {
    const begun = this.structBegin();
    while (this.field()) this.skip(this.fieldType, depth + 1);
    this.structEnd(begun);
  }

  /** `keyType` 0: there are no keys. */
  #skipEach(keyType: number, valueType: number, depth: number): void {
    for (let left = this.count; left > 0; left--) {
      if (keyType !== 0) this.skip(keyType, depth + 1);
      this.skip(valueType, depth + 1);
    }
  }
}
