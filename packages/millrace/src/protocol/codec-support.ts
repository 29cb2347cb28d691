/** What the generated codecs share: defaults that are compared by value, and the errors of a field in a wrong version. */
import { MillraceError } from '../runtime/errors.ts';

/** Java's `Long.MAX_VALUE` as the nearest number; `Writer.int64` writes it as exactly 0x7fffffffffffffff. */
export const MAX_INT64 = 2 ** 63;

/** What a message's array field holds when the version lacks it. */
export const emptyArray: readonly never[] = Object.freeze([]);

/** What a message's bytes field holds when the version lacks it. */
export const emptyBytes: Buffer = Buffer.alloc(0);

/** @throws MillraceError PROTOCOL when a codec is asked for a version that Kafka 4.3 does not know. */
export function checkVersion(message: string, version: number, min: number, max: number): void {
  if (version >= min && version <= max) return;
  throw new MillraceError('PROTOCOL', `${message} has the versions ${min} to ${max}, not ${version}`, {
    remedy: 'Agree on a version with the peer first: ApiVersions tells what it serves.',
    details: { message, version, min, max },
  });
}

/** A field that matters is set, but this version of the message cannot carry it (Kafka: `UnsupportedVersionException`). */
export function unsupportedField(message: string, field: string, version: number): MillraceError {
  return new MillraceError('PROTOCOL', `${message} version ${version} cannot carry the field ${field}`, {
    remedy: 'Leave the field out, or use a version that has it.',
    details: { message, field, version },
  });
}

/** A null where this version of the message has no way to write one. */
export function nullField(message: string, field: string, version: number): MillraceError {
  return new MillraceError(
    'PROTOCOL',
    `${message} version ${version} cannot carry null in the field ${field}`,
    {
      remedy: 'Give the field a value, or use a version in which it may be null.',
      details: { message, field, version },
    },
  );
}
