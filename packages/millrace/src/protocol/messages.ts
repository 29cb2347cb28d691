/**
 * The registry of the Kafka protocol: every API by name (`messages.fetch`) and by key (`apiByKey(1)`).
 *
 * The types of a message come from its generated file, e.g. `generated/fetch.ts`.
 */
import type { AnyApi, Api } from './api.ts';
import { messages } from './generated/registry.ts';

export { messages };

export type ApiName = keyof typeof messages;

/** What decoding a request of the API gives, e.g. `RequestOf<'fetch'>`. */
export type RequestOf<Name extends ApiName> =
  (typeof messages)[Name] extends Api<infer Request, never, unknown, never> ? Request : never;

/** What is given to encode a request of the API. */
export type RequestInitOf<Name extends ApiName> = Parameters<(typeof messages)[Name]['encodeRequest']>[1];

/** What decoding a response of the API gives. */
export type ResponseOf<Name extends ApiName> = ReturnType<(typeof messages)[Name]['decodeResponse']>;

/** What is given to encode a response of the API. */
export type ResponseInitOf<Name extends ApiName> = Parameters<(typeof messages)[Name]['encodeResponse']>[1];

/** All APIs, by key. */
export const allApis: readonly AnyApi[] = Object.values(messages);

const byKey = new Map<number, AnyApi>(allApis.map((api) => [api.apiKey, api]));

export function apiByKey(apiKey: number): AnyApi | undefined {
  return byKey.get(apiKey);
}
