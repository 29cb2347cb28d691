import { errorText } from '../../runtime/errors.ts';
import { StoreError, type StoreFault } from '../file-store/store-error.ts';

/** What stores call what went wrong (AWS's list of error codes, and MinIO's own) → what can be done, and a remedy. */
const faults: Readonly<Record<string, { readonly kind: StoreFault; readonly remedy?: string }>> = {
  PreconditionFailed: { kind: 'exists' },
  ConditionalRequestConflict: { kind: 'transient' },
  NoSuchBucket: { kind: 'denied', remedy: 'Make the bucket, or name one that is there.' },
  NoSuchUpload: { kind: 'lost' },
  NoSuchKey: { kind: 'absent' },
  NotFound: { kind: 'absent' },
  AccessDenied: {
    kind: 'denied',
    remedy:
      'Give these credentials s3:PutObject, s3:GetObject, s3:ListBucket and s3:AbortMultipartUpload there.',
  },
  AllAccessDisabled: { kind: 'denied' },
  AccountProblem: { kind: 'denied' },
  InvalidAccessKeyId: {
    kind: 'denied',
    remedy: 'The store does not know this access key; check the credentials.',
  },
  SignatureDoesNotMatch: {
    kind: 'denied',
    remedy: 'The secret key is not that of the access key; check the credentials.',
  },
  InvalidBucketName: {
    kind: 'denied',
    remedy: 'A bucket has 3 to 63 lower-case letters, digits, dots and hyphens.',
  },
  PermanentRedirect: { kind: 'denied', remedy: 'Set s3.region to the region of the bucket.' },
  AuthorizationHeaderMalformed: { kind: 'denied', remedy: 'Set s3.region to the region of the bucket.' },
  ExpiredToken: {
    kind: 'denied',
    remedy: 'The credentials have expired; work goes on when their source has newer ones.',
  },
  InvalidToken: { kind: 'denied', remedy: 'The session token is none; check the credentials.' },
  CredentialsProviderError: {
    kind: 'denied',
    remedy:
      'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile in ~/.aws/credentials, or give the machine a role.',
  },
  ObjectLocked: { kind: 'denied' },
  MethodNotAllowed: { kind: 'denied' },
  NotImplemented: { kind: 'denied', remedy: 'The store has to know conditional writes (If-None-Match).' },
  XMinioObjectExistsAsDirectory: { kind: 'denied' },
  XMinioParentIsObject: { kind: 'denied' },
  KeyTooLongError: { kind: 'name' },
  XMinioInvalidObjectName: { kind: 'name' },
  InvalidObjectName: { kind: 'name' },
  QuotaExceeded: { kind: 'full' },
  XMinioAdminBucketQuotaExceeded: { kind: 'full' },
  XMinioStorageFull: { kind: 'full' },
  EntityTooLarge: { kind: 'full' },
};
const byStatus: Readonly<Record<number, StoreFault>> = {
  401: 'denied',
  403: 'denied',
  405: 'denied',
  412: 'exists',
  501: 'denied',
  507: 'full',
};

/** What the SDK's errors have. */
interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Other credentials might not meet it. */
const ofCredentials: ReadonlySet<string> = new Set([
  ...['ExpiredToken', 'ExpiredTokenException', 'AccessDenied', 'InvalidAccessKeyId', 'InvalidToken'],
  ...['SignatureDoesNotMatch', 'CredentialsProviderError'],
]);

export const isCredentialFault = (error: unknown): boolean =>
  ofCredentials.has((error as SdkError | null)?.name ?? '');

export function isExpiredCredential(error: unknown): boolean {
  return (
    (error as SdkError | null)?.name === 'ExpiredToken' ||
    (error as SdkError | null)?.name === 'ExpiredTokenException'
  );
}

/** What an error of the SDK, of a store or of a socket says. Names no key, token or signature. */
export function toS3Error(what: string, error: unknown, signal?: AbortSignal): StoreError {
  if (error instanceof StoreError) return error;
  if (signal?.aborted)
    return new StoreError('transient', `${what}: nobody waits for the answer`, { cause: error });
  const { name = '', code = '', $metadata } = (error ?? {}) as SdkError;
  const fault = Object.hasOwn(faults, name) ? faults[name] : undefined;
  const kind = fault?.kind ?? byStatus[$metadata?.httpStatusCode ?? 0] ?? 'transient';
  const status = $metadata?.httpStatusCode === undefined ? '' : ` (${$metadata.httpStatusCode})`;
  const words = name === 'SignatureDoesNotMatch' ? '' : wordsOf(error);
  const why = [/^(?:Error|TypeError|AggregateError|)$/.test(name) ? code : name, words]
    .filter((part, i, all) => part !== '' && all.indexOf(part) === i)
    // Where a state is shown, what stands behind `token:` is hidden.
    .join(name.endsWith('Token') ? ', ' : ': ');
  const options = fault?.remedy === undefined ? {} : { remedy: fault.remedy };
  return new StoreError(kind, `${what}: ${why === '' ? 'it failed' : why}${status}`, {
    cause: new Error(why),
    ...options,
  });
}

/** One line of what it says; of several addresses that were tried, the first stands for all. */
function wordsOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return wordsOf(error.errors[0]);
  return errorText(error).split('\n')[0]!.replaceAll(/\s+/g, ' ').trim();
}
