import { nameFault } from '../../clients/file-store/store-name.ts';
import type { Bucket } from './bucket-path.ts';

export interface FileNaming {
  /** Around the name while a file is being written. */
  readonly inUsePrefix: string;
  readonly inUseSuffix: string;
  /** After the number, with its dot. */
  readonly suffix: string;
}

/** Both names of a file, relative to the store. */
export interface FileName {
  /** The number in both. */
  readonly n: number;
  readonly final: string;
  readonly inUse: string;
  /** No other name will do: where the final one is taken, it is by the same events. */
  readonly isOnly?: boolean;
}

/** `FOLDER/PREFIX.N[SUFFIX]`, as Flume's BucketWriter names files. */
export function fileName(naming: FileNaming, { folder, prefix }: Bucket, n: number): FileName {
  const inFolder = folder === '' ? '' : `${folder}/`;
  const name = `${prefix}.${n}${naming.suffix}`;
  return {
    n,
    final: `${inFolder}${name}`,
    inUse: `${inFolder}${naming.inUsePrefix}${name}${naming.inUseSuffix}`,
  };
}

/** Why files of a bucket can't have their names, or null. */
export function bucketFault(naming: FileNaming, bucket: Bucket): string | null {
  const { final, inUse } = fileName(naming, bucket, Number.MAX_SAFE_INTEGER);
  return nameFault(inUse) ?? nameFault(final);
}
