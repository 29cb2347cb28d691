import type { DeleteAclsFilter } from '../../protocol/generated/delete-acls.ts';
import { ErrorCode } from '../core/error-code.ts';
import { type RequestFault, refuse } from '../core/fault.ts';
import {
  type Acl,
  anyCode,
  matchPatternCode,
  nameOfCode,
  operationCodes,
  patternCodes,
  permissionCodes,
  resourceCodes,
} from '../security/access.ts';

/** Null, or what of a filter has no meaning. */
export function filterFault(filter: DeleteAclsFilter): RequestFault | null {
  const { resourceTypeFilter, patternTypeFilter, operation, permissionType } = filter;
  const isKnown = (codes: Readonly<Record<string, number>>, code: number) =>
    code === anyCode || nameOfCode(codes, code) !== undefined;
  const isPattern = patternTypeFilter === matchPatternCode || isKnown(patternCodes, patternTypeFilter);
  if (!isPattern || !isKnown(resourceCodes, resourceTypeFilter))
    return refuse(ErrorCode.INVALID_REQUEST, 'Unknown patternFilter.');
  if (!isKnown(operationCodes, operation) || !isKnown(permissionCodes, permissionType))
    return refuse(ErrorCode.INVALID_REQUEST, 'Unknown entryFilter.');
  return null;
}

/** As Kafka's `AclBindingFilter`: MATCH as a type of pattern is whatever would be asked for that name. */
export function matches(filter: DeleteAclsFilter, acl: Acl): boolean {
  const { principalFilter, hostFilter } = filter;
  const isCode = (wanted: number, code: number) => wanted === anyCode || wanted === code;
  return (
    isCode(filter.resourceTypeFilter, resourceCodes[acl.resource]) &&
    matchesName(filter, acl) &&
    (principalFilter === null || principalFilter === acl.principal) &&
    (hostFilter === null || hostFilter === acl.host) &&
    isCode(filter.operation, operationCodes[acl.operation]) &&
    isCode(filter.permissionType, permissionCodes[acl.permission])
  );
}

function matchesName(
  { resourceNameFilter: name, patternTypeFilter: type }: DeleteAclsFilter,
  acl: Acl,
): boolean {
  if (type !== matchPatternCode) {
    return (type === anyCode || type === patternCodes[acl.pattern]) && (name === null || name === acl.name);
  }
  if (name === null) return true;
  return acl.pattern === 'PREFIXED' ? name.startsWith(acl.name) : name === acl.name || acl.name === '*';
}
