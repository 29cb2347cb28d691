import { MillraceError } from '../../runtime/errors.ts';

/**
 * Why there is no answer.
 * - `connect`: no connection; `tls`: none that can be trusted. Nothing was sent.
 * - `timeout`: the server did not answer in time, or stopped in the middle of its answer.
 * - `cut`: the connection ended before the answer had.
 * - `protocol`: what came is no HTTP.
 * - `too-large`: the answer is larger than allowed.
 * - `aborted`: nobody waits for it any more.
 */
export type HttpFault = 'connect' | 'tls' | 'timeout' | 'cut' | 'protocol' | 'too-large' | 'aborted';

/** A request without an answer. Its message names the server and the path; never headers, a query or a user. */
export class HttpError extends MillraceError {
  readonly kind: HttpFault;
  /** The server may have got the request, and done what it asks for. */
  readonly maybeDone: boolean;

  constructor(kind: HttpFault, message: string, cause?: unknown) {
    super(kind === 'timeout' ? 'TIMEOUT' : 'HTTP_FAILED', message, {
      ...(cause === undefined ? {} : { cause }),
      retryable: kind !== 'aborted',
      details: { kind },
    });
    this.kind = kind;
    this.maybeDone = kind !== 'connect' && kind !== 'tls';
  }
}

/** A URL as messages may show it: without user, password, query and fragment, which may be secrets. */
export function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

const noConnection = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
];
const late = ['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'];
const tooLarge = ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'UND_ERR_HEADERS_OVERFLOW', 'HPE_HEADER_OVERFLOW'];

/** What an error of undici, of a socket or of TLS says. */
export function toHttpError(url: URL, error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  const code = codeOf(error);
  const isNoHttp = error instanceof Error && error.name === 'HTTPParserError';
  const kind = isNoHttp ? 'protocol' : kindOf(code);
  // A system's message may hold an address, never what was sent.
  const why = error instanceof Error ? error.message.split('\n')[0]! : String(error);
  return new HttpError(kind, `${shownUrl(url)}: ${why === '' ? code : why}`, error);
}

function kindOf(code: string): HttpFault {
  if (noConnection.includes(code)) return 'connect';
  if (late.includes(code)) return 'timeout';
  if (tooLarge.includes(code)) return 'too-large';
  if (/^(HPE_|UND_ERR_REQ_CONTENT|UND_ERR_RES_CONTENT)/.test(code)) return 'protocol';
  if (
    /^(ERR_TLS|ERR_SSL|EPROTO|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|INVALID_CA)/.test(code)
  )
    return 'tls';
  return 'cut';
}

/** Several addresses that were tried give an AggregateError; the first stands for all. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error instanceof AggregateError ? codeOf(error.errors[0]) : '';
}
