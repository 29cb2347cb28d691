import { StoreError, type StoreFault } from '../file-store/store-error.ts';
import type { HttpAnswer } from '../http/http-client.ts';

/** What HDFS says when it refuses: a Java exception, by its simple name. */
export interface RemoteFault {
  readonly exception: string;
  /** Its first line. */
  readonly message: string;
  readonly status: number;
}

/**
 * By name, because a status stands for much (403 for what will never be and for what only takes a moment). What is not
 * here may work in a moment.
 */
const kinds: Readonly<Record<string, StoreFault>> = {
  FileNotFoundException: 'absent',
  FileAlreadyExistsException: 'exists',
  InvalidPathException: 'name',
  PathComponentTooLongException: 'name',
  IllegalArgumentException: 'name',
  HadoopIllegalArgumentException: 'name',
  AccessControlException: 'denied',
  SecurityException: 'denied',
  AuthorizationException: 'denied',
  AuthenticationException: 'denied',
  InvalidToken: 'denied',
  ParentNotDirectoryException: 'denied',
  PathIsNotDirectoryException: 'denied',
  UnsupportedOperationException: 'denied',
  NSQuotaExceededException: 'full',
  DSQuotaExceededException: 'full',
  QuotaByStorageTypeExceededException: 'full',
  QuotaExceededException: 'full',
  ClusterStorageCapacityExceededException: 'full',
  MaxDirectoryItemsExceededException: 'full',
  DiskOutOfSpaceException: 'full',
  LeaseExpiredException: 'lost',
};

const longestMessage = 300;

/** What an answer that is no success says; also one that HDFS itself has not written. */
export function remoteFaultOf({ status, headers, body }: HttpAnswer): RemoteFault {
  if ((headers.get('content-type') ?? '').includes('json')) {
    const fault = faultIn(parsed(body));
    if (fault !== null) return { ...fault, status };
  }
  // A security filter and Jetty answer with pages; 401 and 403 of theirs are about who asks.
  const exception = status === 401 || status === 403 ? 'AuthorizationException' : `HTTP ${status}`;
  return { exception, message: status === 401 ? 'it wants to know who asks' : `status ${status}`, status };
}

function faultIn(value: unknown): { exception: string; message: string } | null {
  if (typeof value !== 'object' || value === null || !('RemoteException' in value)) return null;
  const { exception, message } = value.RemoteException as { exception?: unknown; message?: unknown };
  if (typeof exception !== 'string') return null;
  const text = typeof message === 'string' ? message : '';
  // DataNodes give an exception of the NameNode as one of their own, its class at the start of the message.
  const inner = /^(?:[a-z]\w*\.)+(?:[A-Z]\w*\$)?([A-Z]\w*(?:Exception|InvalidToken))\b:?\s*/.exec(text);
  const simple = exception.replace(/^.*[.$]/, '');
  const known = inner !== null && !Object.hasOwn(kinds, simple) ? inner[1]! : simple;
  return { exception: known, message: firstLine(text) };
}

/** The name and the first sentence are what a person can use; Java's stack trace follows in the same text. */
function firstLine(text: string): string {
  const line = text.split(/[\r\n]/, 1)[0]!.trim();
  return line.length > longestMessage ? `${line.slice(0, longestMessage)}…` : line;
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}

/** Whether another NameNode of the name service is to be asked. */
export function isStandby({ exception }: RemoteFault): boolean {
  return exception === 'StandbyException' || exception === 'ObserverRetryOnActiveException';
}

export function kindOfFault({ exception, message }: RemoteFault): StoreFault {
  if (/No space left|out of space/i.test(message)) return 'full';
  return Object.hasOwn(kinds, exception) ? kinds[exception]! : 'transient';
}

/** `what`: `can't make hdfs://…`. */
export function storeErrorOf(what: string, fault: RemoteFault, kind = kindOfFault(fault)): StoreError {
  const why = fault.message === '' ? fault.exception : `${fault.exception}: ${fault.message}`;
  const remedy = remedies[fault.exception];
  return new StoreError(kind, `${what}: ${why}`, {
    cause: new Error(why),
    ...(remedy === undefined ? {} : { remedy }),
  });
}

const remedies: Readonly<Record<string, string>> = {
  SafeModeException: 'The NameNode is in safe mode; work goes on by itself when it has left it.',
  AccessControlException: 'Give the user the right to write there, or set hdfs.user or hdfs.proxyUser.',
  AuthorizationException: 'Set hdfs.user, hdfs.proxyUser or hdfs.delegationToken; Kerberos is not built.',
  NSQuotaExceededException: 'Raise the quota of names, or remove files; work goes on by itself.',
  DSQuotaExceededException: 'Raise the quota of space, or remove files; work goes on by itself.',
};
