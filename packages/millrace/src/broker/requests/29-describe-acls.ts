import type { DescribeAclsResponseInit } from '../../protocol/generated/describe-acls.ts';
import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { operationCodes, patternCodes, permissionCodes, resourceCodes } from '../security/access.ts';
import { filterFault, matches } from './acl-filter.ts';
import { defineHandler } from './call.ts';

export const describeAcls = defineHandler(
  messages.describeAcls,
  ['DESCRIBE CLUSTER'],
  (filter, { broker }): DescribeAclsResponseInit => {
    const answer = { throttleTimeMs: 0, errorCode: ErrorCode.NONE, errorMessage: null, resources: [] };
    if (broker.acls === null) {
      const errorMessage = 'No Authorizer is configured on the broker';
      return { ...answer, errorCode: ErrorCode.SECURITY_DISABLED, errorMessage };
    }
    const fault = filterFault(filter);
    if (fault !== null) return { ...answer, errorCode: fault.errorCode, errorMessage: fault.message };
    const resources = new Map<
      string,
      { resourceType: number; resourceName: string; patternType: number; acls: object[] }
    >();
    for (const acl of broker.acls.all()) {
      if (!matches(filter, acl)) continue;
      const key = JSON.stringify([acl.resource, acl.pattern, acl.name]);
      let resource = resources.get(key);
      if (resource === undefined) {
        resource = {
          resourceType: resourceCodes[acl.resource],
          resourceName: acl.name,
          patternType: patternCodes[acl.pattern],
          acls: [],
        };
        resources.set(key, resource);
      }
      const { principal, host } = acl;
      const operation = operationCodes[acl.operation];
      resource.acls.push({ principal, host, operation, permissionType: permissionCodes[acl.permission] });
    }
    return {
      ...answer,
      resources: [...resources.values()] as unknown as DescribeAclsResponseInit['resources'],
    };
  },
);
