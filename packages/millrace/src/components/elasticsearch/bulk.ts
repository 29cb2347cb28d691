/** What one document of a bulk request came to. */
export type BulkFate =
  | { readonly kind: 'stored' }
  /** The server may take it later. */
  | { readonly kind: 'again'; readonly reason: string }
  /** It never will. */
  | { readonly kind: 'refused'; readonly reason: string };

/** What stands in front of a document. */
export interface BulkTarget {
  readonly index: string;
  readonly type?: string;
  /** Milliseconds until the document may go. */
  readonly ttl?: number;
}

/** The lines of one document; `json` is one line. */
export function bulkLines({ index, type, ttl }: BulkTarget, json: string): string {
  const typeText = type === undefined ? '' : `,"_type":${JSON.stringify(type)}`;
  const ttlText = ttl === undefined ? '' : `,"_ttl":"${ttl}"`;
  return `{"index":{"_index":${JSON.stringify(index)}${typeText}${ttlText}}}\n${json}\n`;
}

/** Only this of an answer is asked for. */
export const bulkPath = '_bulk?filter_path=errors,items.*.status,items.*.error';

const stored: BulkFate = { kind: 'stored' };

/** Not the document's fault: who asks may not (yet), the server is too slow, or has too much to do. */
const passing: ReadonlySet<number> = new Set([401, 403, 408, 429]);

/** What an answer says of each of `count` documents, in their order; null: it is no answer to a bulk request of so many. */
export function bulkFates(body: Buffer, count: number): BulkFate[] | null {
  let answer: unknown;
  try {
    answer = JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
  if (!isObject(answer) || !Array.isArray(answer.items) || answer.items.length !== count) return null;
  return answer.items.map(fateOf);
}

function fateOf(item: unknown): BulkFate {
  const result = isObject(item) ? Object.values(item)[0] : undefined;
  if (!isObject(result)) return { kind: 'again', reason: 'the server says nothing of it' };
  const { status, error } = result;
  // Servers before 1.0 have no status where all is well.
  if (typeof status === 'number' ? status >= 200 && status < 300 : result.ok === true) return stored;
  const reason = `status ${typeof status === 'number' ? status : 'unknown'}: ${errorOf(error)}`;
  const isRefused = typeof status === 'number' && status >= 400 && status < 500 && !passing.has(status);
  return { kind: isRefused ? 'refused' : 'again', reason };
}

const mostReasonLength = 500;

/** The types and reasons of an error and of what caused it; a text on older servers. */
function errorOf(error: unknown): string {
  const parts: string[] = [];
  for (let each = error; isObject(each) && parts.length < 3; each = each.caused_by)
    parts.push([each.type, each.reason].filter((text) => typeof text === 'string').join(': '));
  const text = typeof error === 'string' ? error : parts.join(', caused by ');
  const line = text.replaceAll(/\s+/g, ' ');
  if (line === '') return 'no reason is given';
  return line.length > mostReasonLength ? `${line.slice(0, mostReasonLength)}…` : line;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
