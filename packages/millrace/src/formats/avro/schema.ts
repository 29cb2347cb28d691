import type { Type } from 'avsc';
import { onFirstUse } from '../../runtime/on-first-use.ts';
import { NotAvro } from './not-avro.ts';

const avsc = onFirstUse<typeof import('avsc')>('avsc');

/** A schema, for whoever hands data on as they are: where each ends, and by what name its schema is known. */
export interface DatumSchema {
  /** CRC-64-AVRO of the schema's canonical form, as Avro writes it: eight bytes, the low ones first, in hex. */
  readonly fingerprint: string;
  /** Where the datum at a place ends; null where what stands there is none, or the bytes end before it does. */
  end(data: Buffer, at: number): number | null;
}

/** Reads a schema; throws `NotAvro`. The library is loaded when the first one is asked for. */
export function readSchema(text: string): DatumSchema {
  const { Type } = avsc();
  let type: Type;
  try {
    type = Type.forSchema(JSON.parse(text), { omitRecordMethods: true, registry: {} });
  } catch (error) {
    throw new NotAvro(`its schema can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const canonical = JSON.stringify(type.schema());
  const reader = passerOver(Type, type);
  const resolver = reader === type ? undefined : reader.createResolver(type);
  return {
    fingerprint: fingerprintOf(canonical),
    end(data, at) {
      try {
        const { offset } = reader.decode(data, at, resolver);
        return offset < 0 || offset > data.length ? null : offset;
      } catch {
        return null; // a branch that the union hasn't got, text that is no UTF-8
      }
    },
  };
}

/** A reader of records that wants none of their fields, so that they are passed over and no value is made of them. */
function passerOver(types: typeof Type, type: Type): Type {
  if (type.typeName !== 'record' || type.name === undefined) return type;
  return types.forSchema(
    { type: 'record', name: type.name, fields: [] },
    { registry: {}, omitRecordMethods: true },
  );
}

const empty = 0xc15d213aa4d7a795n;
let table: readonly bigint[] | null = null;

function makeTable(): readonly bigint[] {
  return Array.from({ length: 256 }, (_, i) => {
    let entry = BigInt(i);
    for (let bit = 0; bit < 8; bit++) entry = (entry >> 1n) ^ ((entry & 1n) === 0n ? 0n : empty);
    return entry;
  });
}

/** https://avro.apache.org/docs/1.11.1/specification/#schema-fingerprints */
export function fingerprintOf(canonical: string): string {
  table ??= makeTable();
  let print = empty;
  for (const byte of Buffer.from(canonical))
    print = (print >> 8n) ^ table[Number((print ^ BigInt(byte)) & 0xffn)]!;
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(print);
  return bytes.toString('hex');
}
