import { createAclsMessages } from '../../../protocol/generated/create-acls.ts';
import { type DeleteAclsFilter, deleteAclsMessages } from '../../../protocol/generated/delete-acls.ts';
import { describeAclsMessages } from '../../../protocol/generated/describe-acls.ts';
import { api } from '../apis.ts';
import type { KafkaClient } from '../client.ts';
import { kafkaError } from '../kafka-errors.ts';

const describeAclsApi = api(describeAclsMessages, 1, 3);
const createAclsApi = api(createAclsMessages, 1, 3);
const deleteAclsApi = api(deleteAclsMessages, 1, 3);

/** One rule of who may do what, in the codes of the protocol. */
export interface AclRule {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly resourcePatternType: number;
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}
export type AclFilter = DeleteAclsFilter;

function check(errorCode: number, where: string, text?: string | null): void {
  if (errorCode !== 0) throw kafkaError(errorCode, where, text);
}

/** The rules that a filter matches. Throws `KAFKA`, as all of these. */
export async function describeAcls(client: KafkaClient, filter: AclFilter): Promise<readonly AclRule[]> {
  const { errorCode, errorMessage, resources } = await client.request('any', describeAclsApi, filter);
  check(errorCode, 'rules of access', errorMessage);
  return resources.flatMap(({ resourceType, resourceName, patternType, acls }) =>
    acls.map((acl) => ({ resourceType, resourceName, resourcePatternType: patternType, ...acl })),
  );
}

export async function createAcls(client: KafkaClient, rules: readonly AclRule[]): Promise<void> {
  const { results } = await client.request('controller', createAclsApi, { creations: rules });
  for (const [i, { errorCode, errorMessage }] of results.entries())
    check(errorCode, `the rule for ${rules[i]!.principal}`, errorMessage);
}

/** How many rules were deleted. */
export async function deleteAcls(client: KafkaClient, filters: readonly AclFilter[]): Promise<number> {
  const { filterResults } = await client.request('controller', deleteAclsApi, { filters });
  for (const { errorCode, errorMessage } of filterResults) check(errorCode, 'rules of access', errorMessage);
  return filterResults.reduce((sum, { matchingAcls }) => sum + matchingAcls.length, 0);
}
