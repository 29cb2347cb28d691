/**
 * What stands around a message in a frame: the request header or response header, in the version the API wants.
 *
 * A frame is `length (int32) | header | message`; the framer has removed the length when a frame is read.
 */
import { type AnyApi, type Api, apiVersionsKey } from './api.ts';
import { decodeRequestHeader, encodeRequestHeader } from './generated/request-header.ts';
import { decodeResponseHeader, encodeResponseHeader } from './generated/response-header.ts';
import { apiByKey } from './messages.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

export interface RequestEnvelope {
  readonly api: AnyApi;
  /** What the client asks for; not checked against the valid versions. */
  readonly version: number;
  readonly correlationId: number;
  readonly clientId: string | null;
  /** Stands at the first byte of the message. */
  readonly body: Reader;
}

/**
 * Reads the header of a request.
 * @param frame the frame without its length
 * @param peer  named in errors, e.g. `127.0.0.1:50312`
 * @throws MillraceError PROTOCOL for a key that Kafka 4.3 does not serve, or a header that does not fit
 */
export function openRequest(frame: Buffer, peer: string): RequestEnvelope {
  const head = new Reader(frame, `request from ${peer}`);
  const apiKey = head.int16();
  const version = head.int16();
  const api = apiByKey(apiKey);
  if (api === undefined) throw head.error(`the API key ${apiKey} is not known`);
  const body = new Reader(frame, `${api.name} request, version ${version}, from ${peer}`);
  const header = decodeRequestHeader(body, api.requestHeaderVersion(version));
  return { api, version, correlationId: header.correlationId, clientId: header.clientId, body };
}

/** Whether Kafka 4.3 serves this version of the API. */
export function isServed(api: Pick<AnyApi, 'validVersions'>, version: number): boolean {
  return version >= api.validVersions.min && version <= api.validVersions.max;
}

/** A whole request as chunks for `writev`; the version is the one agreed on with the broker. */
export function encodeRequestFrame<RequestInit>(
  api: Api<unknown, RequestInit, unknown, never>,
  version: number,
  correlationId: number,
  clientId: string | null,
  message: NoInfer<RequestInit>,
): Buffer[] {
  const writer = new Writer({ framed: true });
  const header = { requestApiKey: api.apiKey, requestApiVersion: version, correlationId, clientId };
  encodeRequestHeader(writer, header, api.requestHeaderVersion(version));
  api.encodeRequest(writer, message, version);
  return writer.finish();
}

/** A whole response as chunks for `writev`. */
export function encodeResponseFrame<ResponseInit>(
  api: Api<unknown, never, unknown, ResponseInit>,
  version: number,
  correlationId: number,
  message: NoInfer<ResponseInit>,
): Buffer[] {
  const writer = new Writer({ framed: true });
  encodeResponseHeader(writer, { correlationId }, api.responseHeaderVersion(version));
  api.encodeResponse(writer, message, version);
  return writer.finish();
}

/** The correlation id of a response, which tells the request and so the API and version of what follows. */
export function peekCorrelationId(frame: Buffer): number {
  return new Reader(frame, 'response').int32();
}

/**
 * Decodes a response whose request is known.
 *
 * A broker that does not know the version of an ApiVersions request answers in version 0 with error 35; the caller
 * passes the version it asked for, and asks again when `errorCode` says so.
 */
export function decodeResponseFrame<Response>(
  api: Api<unknown, never, Response, never>,
  version: number,
  frame: Buffer,
  peer: string,
): Response {
  const reader = new Reader(frame, `${api.name} response, version ${version}, from ${peer}`);
  decodeResponseHeader(reader, api.responseHeaderVersion(version));
  const answered = api.apiKey === apiVersionsKey ? apiVersionsResponseVersion(frame, version) : version;
  return api.decodeResponse(reader, answered);
}

/** Version 0 when the answer to ApiVersions begins with error 35 (UNSUPPORTED_VERSION), as Kafka's clients take it. */
function apiVersionsResponseVersion(frame: Buffer, version: number): number {
  return frame.length >= 6 && frame.readInt16BE(4) === 35 ? 0 : version;
}
