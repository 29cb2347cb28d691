import { defineHttpHandler, type HttpHandlerContext } from '../../component/define.ts';
import {
  type HttpHandler,
  type HttpSourceRequest,
  parametersOf,
  queryOf,
} from '../../component/http-handler.ts';
import { opt } from '../../config/options.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch } from '../../records/event-batch.ts';

const contentTypeHeader = 'Content-Type';
/** What a servlet container takes of a form. */
const mostFormBytes = 200_000;

const blobOptions = {
  maxBlobLength: opt.int({
    doc: 'Most bytes of an event; what a body has more is thrown away, and told.',
    unit: 'bytes',
    default: 100_000_000,
    min: 1,
  }),
};

/** Of Flume's morphline module. */
export const blobHttpHandler = defineHttpHandler({
  classNames: ['org.apache.flume.sink.solr.morphline.BlobHandler'],
  summary: 'An event per request: its body as it is, the parameters of its query as headers.',
  example: `
a1.sources.r1.type = http
a1.sources.r1.port = 5140
a1.sources.r1.handler = org.apache.flume.sink.solr.morphline.BlobHandler
a1.sources.r1.handler.maxBlobLength = 1000000
`,
  differs: [
    'A form (`application/x-www-form-urlencoded`) is parameters, and the event is empty; one of more than 200,000 bytes is answered with 500. Both are as in Flume.',
  ],
  options: blobOptions,
  create: (context) => new BlobHandler(context),
});

class BlobHandler implements HttpHandler {
  readonly mostBodyBytes: number;
  readonly #context: HttpHandlerContext<typeof blobOptions>;

  constructor(context: HttpHandlerContext<typeof blobOptions>) {
    this.#context = context;
    this.mostBodyBytes = Math.max(context.options.maxBlobLength, mostFormBytes + 1);
  }

  events({ method, url, contentType, body }: HttpSourceRequest): EventBatch {
    const { log, name, options } = this.#context;
    const headers = new Map<string, string>();
    if (contentType !== undefined) headers.set(contentTypeHeader, contentType);
    const isForm =
      method === 'POST' && /^\s*application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType ?? '');
    if (isForm && body.length > mostFormBytes) throw new Error('Unable to parse form content');
    const form = isForm ? parametersOf(body.toString('utf8')) : new Map<string, string>();
    const query = parametersOf(queryOf(url));
    // What the query says goes before the form.
    for (const [parameter, value] of [...form, ...query]) headers.set(parameter, value);
    const most = options.maxBlobLength;
    if (!isForm && body.length >= most)
      log.warn(`source ${name}: Request length exceeds maxBlobLength (${most}), truncating BLOB event!`);
    return single(isForm ? Buffer.alloc(0) : body.subarray(0, most), headers);
  }
}

const mandatoryOptions = {
  mandatoryParameters: opt.list({
    doc: 'Parameters without which a request is refused with 500, separated by commas.',
    separator: /,/,
  }),
};

/** Of Flume's core; its name differs in its letters alone. */
export const upperBlobHttpHandler = defineHttpHandler({
  classNames: ['org.apache.flume.source.http.BLOBHandler'],
  summary:
    'An event per request: its body as it is, the parameters of its query as headers, some of them mandatory.',
  example: `
a1.sources.r1.type = http
a1.sources.r1.port = 5140
a1.sources.r1.handler = org.apache.flume.source.http.BLOBHandler
a1.sources.r1.handler.mandatoryParameters = host,app
`,
  differs: [
    'Without `mandatoryParameters` nothing is demanded; Flume demands a parameter whose name is empty then, and refuses every request.',
  ],
  options: mandatoryOptions,
  create: ({ options }) => {
    const mandatory = options.mandatoryParameters.filter((parameter) => parameter !== '');
    return {
      events: ({ url, body }) => {
        const headers = parametersOf(queryOf(url));
        for (const parameter of mandatory)
          if (!headers.has(parameter))
            throw new Error(`Please specify ${parameter} parameter in the request.`);
        return single(body, headers);
      },
    };
  },
});

function single(body: Buffer, headers: ReadonlyMap<string, string>): EventBatch {
  const builder = new BatchBuilder();
  builder.add(body, headers);
  return builder.build();
}
