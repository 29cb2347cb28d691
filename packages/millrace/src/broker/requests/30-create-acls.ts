import type {
  AclCreation,
  CreateAclsRequest,
  CreateAclsResponse,
} from '../../protocol/generated/create-acls.ts';
import { messages } from '../../protocol/messages.ts';
import { errorText } from '../../runtime/errors.ts';
import { ErrorCode } from '../core/error-code.ts';
import { faultOf, isFault, type RequestFault, refuse } from '../core/fault.ts';
import {
  type Acl,
  clusterName,
  nameOfCode,
  operationCodes,
  patternCodes,
  permissionCodes,
  resourceCodes,
} from '../security/access.ts';
import { type Call, defineHandler } from './call.ts';

/** More rules than this are not kept. */
const mostAcls = 100_000;

/** Answers as Kafka's `AclControlManager`; what is there already is created again without a fault. */
export const createAcls = defineHandler(messages.createAcls, ['ALTER CLUSTER'], work);

async function work({ creations }: CreateAclsRequest, { broker }: Call): Promise<CreateAclsResponse> {
  const { acls, settings } = broker;
  if (acls === null) {
    const disabled = refuse(ErrorCode.SECURITY_DISABLED, 'No Authorizer is configured.');
    return answer(creations.map(() => disabled));
  }
  const made = creations.map((each) => aclOf(each));
  const added = made.filter((each) => !isFault(each)) as Acl[];
  if (acls.count + added.length > mostAcls) {
    const full = refuse(ErrorCode.POLICY_VIOLATION, `there may be ${mostAcls} rules at most`);
    return answer(creations.map(() => full));
  }
  if (added.length === 0) return answer(made);
  try {
    await acls.change({ added });
    return answer(made);
  } catch (error) {
    settings.logger.error(`rules could not be kept: ${errorText(error)}`);
    return answer(made.map((each) => (isFault(each) ? each : faultOf(error))));
  }
}

function answer(results: readonly (Acl | RequestFault)[]): CreateAclsResponse {
  return {
    throttleTimeMs: 0,
    results: results.map((each) => ({
      errorCode: isFault(each) ? each.errorCode : ErrorCode.NONE,
      errorMessage: isFault(each) ? each.message : null,
    })),
  };
}

function aclOf(sent: AclCreation): Acl | RequestFault {
  const { resourceName: name, principal, host } = sent;
  const resource = nameOfCode(resourceCodes, sent.resourceType);
  const pattern = nameOfCode(patternCodes, sent.resourcePatternType);
  const operation = nameOfCode(operationCodes, sent.operation);
  const permission = nameOfCode(permissionCodes, sent.permissionType);
  const invalid = (why: string) => refuse(ErrorCode.INVALID_REQUEST, why);
  if (resource === 'CLUSTER' && name !== clusterName)
    return invalid(`The only valid name for the CLUSTER resource is ${clusterName}`);
  if (name === '') return invalid('Invalid empty resource name');
  if (resource === undefined) return invalid(`Invalid resourceType ${sent.resourceType}`);
  if (pattern === undefined) return invalid(`Invalid patternType ${sent.resourcePatternType}`);
  if (operation === undefined) return invalid(`Invalid operation ${sent.operation}`);
  if (permission === undefined) return invalid(`Invalid permissionType ${sent.permissionType}`);
  if (!principal.includes(':')) return invalid(`Invalid principal ${principal}: it is TYPE:NAME`);
  return { resource, name, pattern, principal, host, operation, permission };
}
