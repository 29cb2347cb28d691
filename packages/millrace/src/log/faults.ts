import { errorText, hasErrno, MillraceError } from '../runtime/errors.ts';

/**
 * What a fault of a log means for whoever asked:
 *
 * - `refused`: this request was refused and left nothing behind; the log goes on, and takes it once there is room again
 *   (`DISK_FULL`: ENOSPC, EDQUOT; `OUT_OF_FILES`: EMFILE, ENFILE). A sync that had no descriptors loses nothing either.
 * - `unreadable`: bytes of one log can't be read (`LOG_UNREADABLE`: the device says EIO) or are damaged (`LOG_CORRUPT`:
 *   begin a `repair`). Reads of that log fail there; it takes appends, and other logs are not concerned.
 * - `failed`: the device did not keep what was written (`LOG_FAILED`: a write failed, or a sync, also one that found no
 *   room). The log takes nothing more until it has healed itself (`Log.failure` is null again); nothing that was not
 *   acknowledged may be acknowledged meanwhile.
 *
 * A broker answers all three with KAFKA_STORAGE_ERROR, a retriable code, for that partition alone.
 */
export type LogFault = 'refused' | 'unreadable' | 'failed';

/** The class of an error that a log gave; null for one that is no fault of the log (a bad offset, a bad batch). */
export function logFaultOf(error: unknown): LogFault | null {
  if (!(error instanceof MillraceError)) return null;
  switch (error.code) {
    case 'DISK_FULL':
    case 'OUT_OF_FILES':
      return 'refused';
    case 'LOG_CORRUPT':
    case 'LOG_UNREADABLE':
      return 'unreadable';
    case 'LOG_FAILED':
      return 'failed';
    default:
      return null;
  }
}

/** What a write, an open or a sync that failed becomes for the caller of a log: `refused` or `failed`. */
export function writeFault(error: unknown, where: string): MillraceError {
  if (error instanceof MillraceError) return error;
  if (hasErrno(error, 'ENOSPC', 'EDQUOT')) {
    return new MillraceError('DISK_FULL', `${where}: no space left on the device`, { cause: error });
  }
  if (hasErrno(error, 'EMFILE', 'ENFILE')) {
    return new MillraceError('OUT_OF_FILES', `${where}: too many open files`, { cause: error });
  }
  return new MillraceError('LOG_FAILED', `${where}: ${errorText(error)}`, { cause: error });
}

/** What a read that failed becomes for the caller of a log: `refused` or `unreadable`. */
export function readFault(error: unknown, where: string): unknown {
  if (
    error instanceof MillraceError ||
    !hasErrno(error, 'EIO', 'EMFILE', 'ENFILE', 'EBADF', 'ENOENT', 'EACCES')
  )
    return error;
  if (hasErrno(error, 'EMFILE', 'ENFILE')) return writeFault(error, where);
  return new MillraceError('LOG_UNREADABLE', `${where}: ${errorText(error)}`, { cause: error });
}
