// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** ControlRecordTypeSchema: version 0. */
export interface ControlRecordTypeSchema {
  readonly type: number;
}

/**
 * ControlRecordTypeSchema: version 0, never flexible.
 *
 *   type => int16
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeControlRecordTypeSchema(reader: Reader, version: number): ControlRecordTypeSchema {
  checkVersion('ControlRecordTypeSchema', version, 0, 0);
  const type = reader.int16();
  return { type };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeControlRecordTypeSchema(writer: Writer, message: ControlRecordTypeSchema, version: number): void {
  checkVersion('ControlRecordTypeSchema', version, 0, 0);
  writer.int16(message.type);
}
