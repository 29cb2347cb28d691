import type { ApiName } from '../../../protocol/messages.ts';
import { messages } from '../../../protocol/messages.ts';
import { MillraceError } from '../../../runtime/errors.ts';
import type { Call } from '../call.ts';
import * as cluster from './cluster-guards.ts';
import * as consumerGroups from './consumer-group-guards.ts';
import * as groups from './group-guards.ts';
import { Ask, type Guard, passed, type Ruling } from './guard.ts';
import * as records from './record-guards.ts';
import * as topics from './topic-guards.ts';

type Guards = { readonly [Name in ApiName]?: Guard<Name> };

/** What is answered to everybody: what is served, and who one is. */
const toAll: Guards = {
  apiVersions: (request) => passed(request),
  saslHandshake: (request) => passed(request),
  saslAuthenticate: (request) => passed(request),
};
const guards: Guards = { ...toAll, ...records, ...topics, ...groups, ...consumerGroups, ...cluster };

const byKey = new Map(
  Object.entries(guards).map(([name, guard]) => [
    messages[name as ApiName].apiKey,
    guard as unknown as AnyGuard,
  ]),
);
type AnyGuard = (request: unknown, ask: Ask, call: Call) => Ruling<unknown, unknown>;

/** Whether it is settled what a request of that API demands. */
export const isGuarded = (apiKey: number): boolean => byKey.has(apiKey);

/** What a request's sender may do of it. An API of which nothing is settled is nobody's. */
export function ruling<Request, Response>(
  api: { readonly apiKey: number; readonly name: string },
  request: Request,
  call: Call,
): Ruling<Request, Response> {
  const { acls } = call.broker;
  if (acls === null) return passed(request);
  const guard = byKey.get(api.apiKey);
  if (guard === undefined)
    throw new MillraceError('PROTOCOL', `${api.name}: who may ask for it is not settled (requests/guards)`);
  return guard(request, new Ask(acls.authorizer, call), call) as Ruling<Request, Response>;
}
