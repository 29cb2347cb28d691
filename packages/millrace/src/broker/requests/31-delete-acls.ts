import type {
  DeleteAclsFilter,
  DeleteAclsFilterResultInit,
  DeleteAclsRequest,
  DeleteAclsResponseInit,
} from '../../protocol/generated/delete-acls.ts';
import { messages } from '../../protocol/messages.ts';
import { errorText } from '../../runtime/errors.ts';
import { ErrorCode } from '../core/error-code.ts';
import { faultOf, type RequestFault, refuse } from '../core/fault.ts';
import {
  type Acl,
  operationCodes,
  patternCodes,
  permissionCodes,
  resourceCodes,
} from '../security/access.ts';
import { filterFault, matches } from './acl-filter.ts';
import { type Call, defineHandler } from './call.ts';

export const deleteAcls = defineHandler(messages.deleteAcls, ['ALTER CLUSTER'], work);

async function work({ filters }: DeleteAclsRequest, { broker }: Call): Promise<DeleteAclsResponseInit> {
  const { acls, settings } = broker;
  if (acls === null) {
    const disabled = refuse(ErrorCode.SECURITY_DISABLED, 'No Authorizer is configured.');
    return answer(filters.map(() => failed(disabled)));
  }
  const found = filters.map((filter) => ({ fault: filterFault(filter), acls: matching(filter, acls.all()) }));
  const removed = found.flatMap((each) => (each.fault === null ? each.acls : []));
  try {
    if (removed.length > 0) await acls.change({ removed });
  } catch (error) {
    settings.logger.error(`rules could not be kept: ${errorText(error)}`);
    return answer(filters.map(() => failed(faultOf(error))));
  }
  return answer(found.map((each) => (each.fault === null ? deleted(each.acls) : failed(each.fault))));
}

const matching = (filter: DeleteAclsFilter, acls: Iterable<Acl>): readonly Acl[] =>
  [...acls].filter((acl) => matches(filter, acl));

const answer = (filterResults: readonly DeleteAclsFilterResultInit[]): DeleteAclsResponseInit => ({
  throttleTimeMs: 0,
  filterResults,
});

const failed = ({ errorCode, message }: RequestFault): DeleteAclsFilterResultInit => ({
  errorCode,
  errorMessage: message,
  matchingAcls: [],
});

function deleted(acls: readonly Acl[]): DeleteAclsFilterResultInit {
  return {
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    matchingAcls: acls.map(({ principal, host, name, ...acl }) => ({
      errorCode: ErrorCode.NONE,
      errorMessage: null,
      resourceType: resourceCodes[acl.resource],
      resourceName: name,
      patternType: patternCodes[acl.pattern],
      principal,
      host,
      operation: operationCodes[acl.operation],
      permissionType: permissionCodes[acl.permission],
    })),
  };
}
