import { isUtf8 } from 'node:buffer';
import { defineHttpHandler } from '../../component/define.ts';
import { BadHttpRequest, type HttpHandler, type HttpSourceRequest } from '../../component/http-handler.ts';
import { JsonFault } from '../../formats/gson/lenient-json.ts';
import { findCharset } from '../../java/charsets.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { JsonEvents } from './json-events.ts';

const charsets = new Set(['utf-8', 'utf-16', 'utf-32']);

export const jsonHttpHandler = defineHttpHandler({
  classNames: ['org.apache.flume.source.http.JSONHandler'],
  summary: 'Takes a JSON array of events, each an object of `headers` and `body`, both text.',
  example: `
a1.sources.r1.type = http
a1.sources.r1.port = 5140
a1.sources.r1.handler = org.apache.flume.source.http.JSONHandler
`,
  differs: [
    "A body is UTF-8 where its Content-Type says no charset; Flume's reads ISO-8859-1 there unless the type is `application/json` or `text/json`, and so doubles what is beyond ASCII.",
    'A header that is null is left out; Flume hands on a header with a null value, which its channels and sinks stumble over.',
  ],
  options: {},
  create: () => new JsonHandler(),
});

class JsonHandler implements HttpHandler {
  readonly #events = new JsonEvents();

  events({ body, charset = 'utf-8' }: HttpSourceRequest): EventBatch | null {
    const name = charset.toLowerCase();
    if (!charsets.has(name)) throw new Error('JSON handler supports UTF-8, UTF-16 and UTF-32 only.');
    const wide = name === 'utf-8' ? undefined : findCharset(name);
    try {
      if (wide !== undefined) {
        const { text } = wide.decoder({ replace: true }).decode(body);
        return this.#events.read(Buffer.from(text), (part) => wide.encoder()(part));
      }
      // What is no UTF-8 becomes U+FFFD, as in Java.
      return this.#events.read(isUtf8(body) ? body : Buffer.from(body.toString('utf8')));
    } catch (error) {
      if (error instanceof JsonFault && error.kind === 'syntax')
        throw new BadHttpRequest('Request has invalid JSON Syntax.', { cause: error });
      throw error;
    }
  }
}
