/**
 * Flume's protocol between agents, as Avro IDL:
 *
 * ```
 * protocol AvroSourceProtocol {
 *   enum Status { OK, FAILED, UNKNOWN }
 *   record AvroFlumeEvent { map<string> headers; bytes body; }
 *   Status append(AvroFlumeEvent event);
 *   Status appendBatch(array<AvroFlumeEvent> events);
 * }
 * ```
 */
export const protocolText: string = JSON.stringify({
  protocol: 'AvroSourceProtocol',
  namespace: 'org.apache.flume.source.avro',
  types: [
    { type: 'enum', name: 'Status', symbols: ['OK', 'FAILED', 'UNKNOWN'] },
    {
      type: 'record',
      name: 'AvroFlumeEvent',
      fields: [
        { name: 'headers', type: { type: 'map', values: 'string' } },
        { name: 'body', type: 'bytes' },
      ],
    },
  ],
  messages: {
    append: { request: [{ name: 'event', type: 'AvroFlumeEvent' }], response: 'Status' },
    appendBatch: {
      request: [{ name: 'events', type: { type: 'array', items: 'AvroFlumeEvent' } }],
      response: 'Status',
    },
  },
});

/**
 * The name of the protocol in handshakes: the MD5 of its text as Flume 1.x has it, which is the one above with a
 * licence as its `doc`.
 */
export const protocolHash: Buffer = Buffer.from('86aadae2c45474c0fe93ffd0f2350a65', 'hex');

/** Flume's names for what became of a call, in the order of the enum. */
export const statuses = ['OK', 'FAILED', 'UNKNOWN'] as const;
export type RpcStatus = (typeof statuses)[number];

type Json = Record<string, unknown>;

/**
 * What keeps a peer's protocol from being served here; null: nothing does. Its calls have to be written as ours are;
 * names of types and of parameters don't matter, and it may have more calls.
 */
export function protocolFault(text: string): string | null {
  let protocol: unknown;
  try {
    protocol = JSON.parse(text);
  } catch {
    return 'its protocol is no JSON';
  }
  if (!isObject(protocol) || !isObject(protocol.messages)) return 'its protocol has no messages';
  const named = new Map<string, Json>();
  for (const type of Array.isArray(protocol.types) ? protocol.types : []) {
    if (!isObject(type) || typeof type.name !== 'string') continue;
    named.set(type.name, type);
    const space = typeof type.namespace === 'string' ? type.namespace : protocol.namespace;
    if (typeof space === 'string') named.set(`${space}.${type.name}`, type);
  }
  const { append, appendBatch } = protocol.messages;
  if (append === undefined && appendBatch === undefined)
    return 'its protocol has neither append nor appendBatch';
  if (append !== undefined && !isEvent(onlyParameter(append), named)) return faultOf('append', 'event');
  if (appendBatch === undefined) return null;
  const list = resolved(onlyParameter(appendBatch), named);
  return list?.type === 'array' && isEvent(list.items, named) ? null : faultOf('appendBatch', 'array');
}

const faultOf = (message: string, what: 'event' | 'array'): string =>
  `its ${message} takes no ${what === 'event' ? 'record' : 'array of records'} {map<string> headers; bytes body;}`;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}

function onlyParameter(message: unknown): unknown {
  const request = isObject(message) ? message.request : undefined;
  if (!Array.isArray(request) || request.length !== 1) return undefined;
  return isObject(request[0]) ? request[0].type : undefined;
}

/** A type by its name, or as it is written; primitive types have their name as `type`. */
function resolved(type: unknown, named: ReadonlyMap<string, Json>): Json | undefined {
  if (typeof type === 'string') return named.get(type) ?? { type };
  return isObject(type) ? type : undefined;
}

function isEvent(type: unknown, named: ReadonlyMap<string, Json>): boolean {
  const record = resolved(type, named);
  const fields = record?.type === 'record' && Array.isArray(record.fields) ? record.fields : [];
  if (fields.length !== 2 || !fields.every(isObject)) return false;
  const [headers, body] = fields as [Json, Json];
  const map = resolved(headers.type, named);
  return (
    map?.type === 'map' &&
    resolved(map.values, named)?.type === 'string' &&
    resolved(body.type, named)?.type === 'bytes'
  );
}
