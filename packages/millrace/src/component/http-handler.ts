import type { EventBatch } from '../records/event-batch.ts';

/** One request that an http source has read. */
export interface HttpSourceRequest {
  /** GET, HEAD or POST; the source refuses others. */
  readonly method: string;
  /** Path and query, as the peer wrote them. */
  readonly url: string;
  /** By names in small letters. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Of the header Content-Type, as the peer wrote it. */
  readonly contentType: string | undefined;
  /** What Content-Type says of the charset; undefined: nothing. */
  readonly charset: string | undefined;
  /** The body as it came, whatever Content-Encoding says; the handler may write in it. */
  readonly body: Buffer;
  /** Whether more came than the handler's `mostBodyBytes`, which is all that `body` has. */
  readonly isCut: boolean;
}

/** Makes events of requests (Flume's HTTPSourceHandler). */
export interface HttpHandler {
  /**
   * Most bytes of a body that it takes; what comes behind is thrown away (`isCut`). Absent: the source's own limit, above
   * which it refuses a request.
   */
  readonly mostBodyBytes?: number;
  /**
   * The events of a request, which go into the channels together or not at all; null: it has none, and is answered as
   * one whose events are taken. Throws `BadHttpRequest` for what a client has to mend (400); whatever else it throws is
   * answered with 500. Never called again before it has ended.
   */
  events(request: HttpSourceRequest): EventBatch | null | Promise<EventBatch | null>;
}

/** A request that its client has to mend; the message is told to it, on one line. */
export class BadHttpRequest extends Error {
  override readonly name = 'BadHttpRequest';
}

/**
 * The parameters of a query, or of a form in the body: names to first values, in their order, as a servlet's
 * `getParameter` gives them.
 */
export function parametersOf(query: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query))
    if (!parameters.has(name)) parameters.set(name, value);
  return parameters;
}

/** What stands behind the question mark of a URL, without a fragment. */
export function queryOf(url: string): string {
  const [beforeFragment = ''] = url.split('#', 1);
  const mark = beforeFragment.indexOf('?');
  return mark < 0 ? '' : beforeFragment.slice(mark + 1);
}
