import { errorText, MillraceError } from '../../runtime/errors.ts';

/** Reads an answer; what throws `Fault` is none of `protocol`'s, and throws `CONNECTION_FAILED`. */
export function readAnswerOf<T>(
  peer: string,
  protocol: string,
  Fault: new (...args: never[]) => Error,
  read: () => T,
): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new MillraceError(
      'CONNECTION_FAILED',
      `${peer}: its answer is no ${protocol}: ${errorText(error)}`,
      {
        cause: error,
      },
    );
  }
}

/** Throws `DELIVERY_FAILED` for any answer but `OK`. `returned`: Flume's words for a status, up to its name. */
export function assertTaken(
  peer: string,
  answer: { readonly status: string } | { readonly error: string },
  returned: string,
): void {
  if ('error' in answer)
    throw new MillraceError('DELIVERY_FAILED', `${peer}: the peer answered with an error: ${answer.error}`);
  if (answer.status === 'OK') return;
  throw new MillraceError('DELIVERY_FAILED', `${peer}: ${returned}${answer.status}`, {
    remedy: "The peer's channels are full or fail; its log says which. The events will be sent again.",
  });
}
