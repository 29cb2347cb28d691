import { kafkaErrorOf } from '../../protocol/error-codes.ts';
import type { ApiName, RequestOf, ResponseInitOf } from '../../protocol/messages.ts';
import { messages } from '../../protocol/messages.ts';
import {
  nameOfCode,
  operationCodes,
  patternCodes,
  permissionCodes,
  resourceCodes,
} from '../security/access.ts';
import type { Call } from './call.ts';

/** What a request changes, in words without a secret, and the codes of what became of it, in their order. */
interface Told {
  readonly what: readonly string[];
  readonly codes: readonly (number | undefined)[];
}
type Audited = {
  readonly [Name in ApiName]?: (request: RequestOf<Name>, response: ResponseInitOf<Name>) => Told;
};

const codesOf = (all: readonly { readonly errorCode: number }[]) => all.map(({ errorCode }) => errorCode);
/** `ConfigResource.Type` */
const configTypes: Readonly<Record<number, string>> = {
  2: 'topic',
  4: 'broker',
  8: 'broker-logger',
  16: 'client-metrics',
  32: 'group',
};
const configs = (
  resources: readonly { resourceType: number; resourceName: string; configs: readonly { name: string }[] }[],
) =>
  resources.map(({ resourceType, resourceName, configs: each }) => {
    const names = each.map(({ name }) => name).join(',');
    return `${configTypes[resourceType] ?? resourceType} ${resourceName}: ${names}`;
  });

interface AclParts {
  readonly resourceType: number;
  readonly name: string | null;
  readonly pattern: number;
  readonly principal: string | null;
  readonly host: string | null;
  readonly operation: number;
  readonly permissionType: number;
}
function aclText({
  resourceType,
  name,
  pattern,
  principal,
  host,
  operation,
  permissionType,
}: AclParts): string {
  const word = (codes: Readonly<Record<string, number>>, code: number) => nameOfCode(codes, code) ?? 'ANY';
  const who = `${principal ?? 'ANY'} from ${host ?? 'ANY'}`;
  const which = `${word(resourceCodes, resourceType)} ${word(patternCodes, pattern)} ${name ?? 'ANY'}`;
  return `${word(permissionCodes, permissionType)} ${who}: ${word(operationCodes, operation)} ${which}`;
}

/** The requests that change something that is not records or positions of members. */
const audited: Audited = {
  createTopics: ({ topics }, response) => ({
    what: topics.map(({ name, numPartitions }) => topicText(name, numPartitions)),
    codes: codesOf(response.topics),
  }),
  deleteTopics: ({ topics, topicNames }, { responses }) => ({
    what: [...topics.map(({ name, topicId }) => name ?? topicId), ...topicNames],
    codes: codesOf(responses),
  }),
  createPartitions: ({ topics }, { results }) => ({
    what: topics.map(({ name, count }) => topicText(name, count)),
    codes: codesOf(results),
  }),
  deleteRecords: ({ topics }, response) => ({
    what: topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, offset }) => `${name}-${partitionIndex} before ${offset}`),
    ),
    codes: response.topics.flatMap(({ partitions }) => codesOf(partitions)),
  }),
  alterConfigs: ({ resources }, { responses }) => ({ what: configs(resources), codes: codesOf(responses) }),
  incrementalAlterConfigs: ({ resources }, { responses }) => ({
    what: configs(resources),
    codes: codesOf(responses),
  }),
  writeTxnMarkers: ({ markers }, response) => ({
    what: markers.flatMap(({ producerId, transactionResult, topics }) =>
      topics.map(
        ({ name, partitionIndexes }) =>
          `${transactionResult ? 'commit' : 'abort'} of producer ${producerId}: ${name}-${partitionIndexes.join(',')}`,
      ),
    ),
    codes: response.markers.flatMap(({ topics }) => topics.flatMap(({ partitions }) => codesOf(partitions))),
  }),
  deleteGroups: ({ groupsNames }, { results }) => ({ what: groupsNames, codes: codesOf(results) }),
  offsetDelete: ({ groupId, topics }, { errorCode }) => ({
    what: topics.map(({ name }) => `${groupId}: ${name}`),
    codes: [errorCode],
  }),
  createAcls: ({ creations }, { results }) => ({
    what: creations.map((each) =>
      aclText({ ...each, name: each.resourceName, pattern: each.resourcePatternType }),
    ),
    codes: codesOf(results),
  }),
  deleteAcls: ({ filters }, { filterResults }) => ({
    what: filters.map((each) =>
      aclText({
        ...each,
        resourceType: each.resourceTypeFilter,
        name: each.resourceNameFilter,
        pattern: each.patternTypeFilter,
        principal: each.principalFilter,
        host: each.hostFilter,
      }),
    ),
    codes: codesOf(filterResults),
  }),
  alterUserScramCredentials: ({ deletions, upsertions }, { results }) => ({
    what: [...deletions.map(({ name }) => `delete ${name}`), ...upsertions.map(({ name }) => `set ${name}`)],
    codes: codesOf(results),
  }),
};

const byKey = new Map(
  Object.entries(audited).map(([name, tell]) => [
    messages[name as ApiName].apiKey,
    tell as unknown as (request: unknown, response: unknown) => Told,
  ]),
);

export const isAudited = (apiKey: number): boolean => byKey.has(apiKey);

/** Notes a request that changes something, with who sent it and what became of it. */
export function audit(
  api: { readonly apiKey: number; readonly name: string },
  request: unknown,
  response: unknown,
  call: Call,
): void {
  const tell = byKey.get(api.apiKey);
  if (tell === undefined || call.broker.audit === null || response === null) return;
  const { what, codes } = tell(request, response);
  note(api.name, what, [...new Set(codes.map((code) => kafkaErrorOf(code ?? 0).name))], call);
}

/** Notes a topic that came to be because a client asked for its metadata. */
export function auditMadeTopic(name: string, partitions: number, call: Call): void {
  note(messages.metadata.name, [topicText(name, partitions)], [kafkaErrorOf(0).name], call);
}

const topicText = (name: string, partitions: number): string => `${name}: ${partitions} partitions`;

function note(api: string, what: readonly string[], outcome: readonly string[], call: Call): void {
  const { principal, clientHost, clientId } = call;
  call.broker.audit?.note({
    event: 'request',
    api,
    principal,
    from: clientHost.slice(1),
    clientId,
    what,
    outcome,
  });
}
