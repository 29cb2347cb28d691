/** What the registry knows about one API of the Kafka protocol. */
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

export interface VersionRange {
  readonly min: number;
  readonly max: number;
}

interface ApiDefinition<Request, RequestInit, Response, ResponseInit> {
  readonly apiKey: number;
  /** Kafka's own name, e.g. `Fetch`. */
  readonly name: string;
  /** The versions that Kafka 4.3 serves; a codec may know one more that Kafka still calls unstable. */
  readonly validVersions: VersionRange;
  /** The first flexible version (KIP-482); null when there is none. */
  readonly flexibleFrom: number | null;
  decodeRequest(reader: Reader, version: number): Request;
  encodeRequest(writer: Writer, message: RequestInit, version: number): void;
  decodeResponse(reader: Reader, version: number): Response;
  encodeResponse(writer: Writer, message: ResponseInit, version: number): void;
}

export interface Api<Request, RequestInit, Response, ResponseInit>
  extends ApiDefinition<Request, RequestInit, Response, ResponseInit> {
  isFlexible(version: number): boolean;
  /** 2 in flexible versions, else 1. Holds for versions beyond the valid ones too. */
  requestHeaderVersion(version: number): 1 | 2;
  /** 1 in flexible versions, else 0; always 0 for ApiVersions, whose client does not know yet what the broker speaks. */
  responseHeaderVersion(version: number): 0 | 1;
}

/** Any API, for code that passes messages on without looking into them. */
export type AnyApi = Api<unknown, never, unknown, never>;

/** The key of ApiVersions, the one API whose headers are special. */
export const apiVersionsKey = 18;

export function defineApi<Request, RequestInit, Response, ResponseInit>(
  definition: ApiDefinition<Request, RequestInit, Response, ResponseInit>,
): Api<Request, RequestInit, Response, ResponseInit> {
  const { apiKey, flexibleFrom } = definition;
  const isFlexible = (version: number): boolean => flexibleFrom !== null && version >= flexibleFrom;
  return Object.freeze({
    ...definition,
    isFlexible,
    requestHeaderVersion: (version: number) => (isFlexible(version) ? 2 : 1),
    responseHeaderVersion: (version: number) => (apiKey !== apiVersionsKey && isFlexible(version) ? 1 : 0),
  });
}
