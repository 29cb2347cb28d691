import { printable } from '../../runtime/diagnostics.ts';
import { StoreError } from './store-error.ts';

/** The longest part of a name that file systems and HDFS take (bytes of UTF-8). */
export const longestPartBytes = 255;
/** The longest whole name (bytes of UTF-8): what is left of Linux's 4096 for a prefix, and what S3 takes. */
export const longestNameBytes = 1024;

/**
 * Why a text can't be a name in a store, or null. Names come from headers: one must not lead out of the store's prefix
 * (`..`, a slash at the start), nor break what lists names by lines or ends them at a NUL.
 */
export function nameFault(name: string): string | null {
  if (name === '') return 'it is empty';
  if (Buffer.byteLength(name) > longestNameBytes) return `it has more than ${longestNameBytes} bytes`;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    if (unit < 0x20 || unit === 0x7f) return 'it has a control character';
  }
  if (!name.isWellFormed()) return 'it is no valid Unicode';
  for (const part of name.split('/')) {
    if (part === '') return 'it has an empty part';
    if (part === '.' || part === '..') return `it has a part '${part}'`;
    if (Buffer.byteLength(part) > longestPartBytes)
      return `a part of it has more than ${longestPartBytes} bytes`;
  }
  return null;
}

/** Throws `name` where a text can't be a name in a store. */
export function assertStoreName(name: string): void {
  const fault = nameFault(name);
  if (fault !== null)
    throw new StoreError('name', `'${printable(name.slice(0, 100))}' can't be a file's name: ${fault}`);
}
