import { type ErrorCode, MillraceError } from '../../runtime/errors.ts';

/**
 * What a store's refusal means for whoever asked.
 * - `absent`: there is no such file. `exists`: the name is taken.
 * - `name`: no store of this kind can ever have such a name.
 * - `denied`: this user may not, or the store can't; a person has to do something.
 * - `full`: no room, no quota, no more open files; goes on by itself when there is some.
 * - `transient`: the same call may work in a moment.
 * - `lost`: what was written since the last sync may be gone; the file is of no more use.
 */
export type StoreFault = 'absent' | 'exists' | 'name' | 'denied' | 'full' | 'transient' | 'lost';

const codes: Readonly<Record<StoreFault, ErrorCode>> = {
  absent: 'FILE_ACCESS',
  exists: 'FILE_ACCESS',
  name: 'FILE_ACCESS',
  denied: 'FILE_ACCESS',
  full: 'DISK_FULL',
  transient: 'DELIVERY_FAILED',
  lost: 'DELIVERY_FAILED',
};

export class StoreError extends MillraceError {
  readonly kind: StoreFault;
  /** Nobody knows whether what was asked for has been done. */
  readonly maybeDone: boolean;

  constructor(
    kind: StoreFault,
    message: string,
    options: { cause?: unknown; code?: ErrorCode; remedy?: string; maybeDone?: boolean } = {},
  ) {
    const { code = codes[kind], cause, remedy } = options;
    super(code, message, {
      ...(cause === undefined ? {} : { cause }),
      ...(remedy === undefined ? {} : { remedy }),
      retryable: kind !== 'name',
      details: { kind },
    });
    this.kind = kind;
    this.maybeDone = options.maybeDone ?? false;
  }
}

/** Whether it is a store's error of one of these kinds. */
export function isStoreFault(error: unknown, ...kinds: StoreFault[]): boolean {
  return error instanceof StoreError && kinds.includes(error.kind);
}
