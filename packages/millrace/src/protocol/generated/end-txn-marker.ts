// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { checkVersion } from '../codec-support.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** EndTxnMarker: version 0. */
export interface EndTxnMarker {
  readonly coordinatorEpoch: number;
}

/**
 * EndTxnMarker: version 0, never flexible.
 *
 *   coordinatorEpoch => int32
 *
 * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these
 */
export function decodeEndTxnMarker(reader: Reader, version: number): EndTxnMarker {
  checkVersion('EndTxnMarker', version, 0, 0);
  const coordinatorEpoch = reader.int32();
  return { coordinatorEpoch };
}

/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */
export function encodeEndTxnMarker(writer: Writer, message: EndTxnMarker, version: number): void {
  checkVersion('EndTxnMarker', version, 0, 0);
  writer.int32(message.coordinatorEpoch);
}
