import type { EventView } from '../../records/event-batch.ts';
import { headerTime, isBlank } from './unfit-event.ts';

/** Makes a document of an event: JSON on one line. Throws `UnfitEvent` where none can be made. */
export type DocumentSerializer = (event: EventView) => string;

const packageName = 'org.apache.flume.sink.elasticsearch';
export const logStashClass = `${packageName}.ElasticSearchLogStashEventSerializer`;
export const dynamicClass = `${packageName}.ElasticSearchDynamicSerializer`;

/** By class name, as configurations have them. */
export const serializers: ReadonlyMap<string, DocumentSerializer> = new Map([
  [logStashClass, logStashDocument],
  [dynamicClass, dynamicDocument],
]);

/** Headers that are fields of their own, too, where the field's name is no header. */
const logStashFields: readonly (readonly [header: string, field: string])[] = [
  ['source', '@source'],
  ['type', '@type'],
  ['host', '@source_host'],
  ['src_path', '@source_path'],
];

/** As Logstash wrote events of old: what is known of the event beside `@message`, all headers below `@fields`. */
export function logStashDocument(event: EventView): string {
  const headers = event.headers();
  let json = `{"@message":${fieldOf(event.body)}`;
  const timestamp = headers.get('timestamp');
  if (!isBlank(timestamp) && isBlank(headers.get('@timestamp'))) {
    const time = new Date(headerTime('timestamp', timestamp));
    json += `,"@timestamp":${JSON.stringify(time.toISOString())}`;
  }
  for (const [header, field] of logStashFields) {
    const value = headers.get(header);
    if (!isBlank(value) && isBlank(headers.get(field))) json += `,"${field}":${textField(value)}`;
  }
  return `${json},"@fields":{${fieldsOf(headers)}}}`;
}

/** The body as `body`, each header as a field of its name. */
export function dynamicDocument(event: EventView): string {
  const headers = event.headers();
  headers.delete('body');
  const fields = fieldsOf(headers);
  return `{"body":${fieldOf(event.body)}${fields === '' ? '' : `,${fields}`}}`;
}

function fieldsOf(headers: ReadonlyMap<string, string>): string {
  let json = '';
  for (const [name, value] of headers)
    json += `${json === '' ? '' : ','}${JSON.stringify(name)}:${textField(value)}`;
  return json;
}

/** Where Flume's serializers look for a brace. */
const headBytes = 20;
const brace = 0x7b;

/** Text, or JSON as it stands, where it is some. */
function fieldOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return bytes.subarray(0, headBytes).includes(brace) ? jsonOr(text) : JSON.stringify(text);
}

function textField(text: string): string {
  return text.slice(0, headBytes).includes('{') ? jsonOr(text) : JSON.stringify(text);
}

/** JSON stays as it was written, so that no number loses digits; but a document is one line, and ends between values. */
function jsonOr(text: string): string {
  try {
    JSON.parse(text);
  } catch {
    return JSON.stringify(text);
  }
  return text.replaceAll(/[\r\n]/g, ' ');
}
