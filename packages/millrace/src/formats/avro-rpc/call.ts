import { AvroCursor } from '../avro/cursor.ts';
import { writeLong } from '../avro/long.ts';
import { NotAvro } from '../avro/not-avro.ts';
import { type RpcStatus, statuses } from './protocol.ts';

/**
 * A call and its answer, behind the handshake:
 *
 * ```
 * call    meta map<bytes>, message string, parameters
 * answer  meta map<bytes>, isError boolean, the response, or union index and error
 * ```
 *
 * A call without message asks for the handshake alone, and has no answer behind it.
 */
export interface CallHead {
  readonly message: string;
  /** Where the parameters begin. */
  readonly to: number;
}

/** What is no name, or endless, would stand in answers and in the log. */
const mostNameBytes = 1024;
const nameOrNone = /^(?:[A-Za-z_][A-Za-z0-9_]*)?$/;

/** Throws `NotAvro`. */
export function readCall(bytes: Buffer, at: number): CallHead {
  const cursor = new AvroCursor(bytes, at);
  cursor.skipMap();
  const name = cursor.lengthPrefixed();
  if (name.length > mostNameBytes) throw new NotAvro(`the name of its message has ${name.length} bytes`);
  const message = name.toString('latin1');
  if (!nameOrNone.test(message)) throw new NotAvro('the name of its message is none');
  return { message, to: cursor.at };
}

/** What stands in front of a call's parameters, without meta. */
export function writeCallHead(message: string): Buffer {
  const name = Buffer.from(message, 'utf8');
  return Buffer.concat([writeLong(0), writeLong(name.length), name]);
}

export const answers: Readonly<Record<RpcStatus, Buffer>> = {
  OK: Buffer.from([0, 0, 0]),
  FAILED: Buffer.from([0, 0, 2]),
  UNKNOWN: Buffer.from([0, 0, 4]),
};

/** A call that could not be read or is not known: Avro's system error, which is a text. */
export function writeSystemError(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([Buffer.from([0, 1, 0]), writeLong(bytes.length), bytes]);
}

/** The status, or the text of the error with which the other side answered. Throws `NotAvro`. */
export function readAnswer(bytes: Buffer, at: number): { status: RpcStatus } | { error: string } {
  const cursor = new AvroCursor(bytes, at);
  cursor.skipMap();
  if (cursor.boolean()) {
    if (cursor.long() !== 0) return { error: 'an error of a kind that is not known here' };
    return { error: cursor.string() };
  }
  const status = statuses[cursor.long()];
  if (status === undefined) throw new NotAvro('the answer has an unknown status');
  return { status };
}
