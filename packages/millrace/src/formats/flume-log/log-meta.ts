import { NotFlumeLog } from './not-flume-log.ts';
import { ProtoFields } from './proto-fields.ts';

/** What `log-N.meta` says of `log-N`. */
export interface LogMeta {
  readonly fileId: number;
  /** Up to where the checkpoint of that order covers the file; 0: no checkpoint does. */
  readonly checkpointPosition: number;
  readonly checkpointOrder: number;
  /** Alias of the key that the records are encrypted with; null: they are plain. */
  readonly keyAlias: string | null;
}

/** The newest version of Flume's format; 2 is of Flume 1.2 and older. */
export const logVersion = 3;

/** Throws `NotFlumeLog`, also for another version. */
export function decodeLogMeta(bytes: Buffer): LogMeta {
  const fields = new ProtoFields();
  fields.openDelimited(bytes, 0, bytes.length);
  let [version, fileId, checkpointPosition, checkpointOrder] = [-1, -1, 0, 0];
  let keyAlias: string | null = null;
  while (fields.next()) {
    if (fields.field === 1) version = fields.value;
    else if (fields.field === 2) fileId = fields.value;
    else if (fields.field === 3) checkpointPosition = fields.value;
    else if (fields.field === 4) checkpointOrder = fields.value;
    else if (fields.field === 5) keyAlias = keyAliasIn(bytes, fields.from, fields.to);
  }
  if (version !== logVersion) throw new NotFlumeLog(`version ${version}; version ${logVersion} can be read`);
  if (fileId < 0) throw new NotFlumeLog('it does not say which log it is of');
  return { fileId, checkpointPosition, checkpointOrder, keyAlias };
}

function keyAliasIn(bytes: Buffer, from: number, to: number): string {
  const fields = new ProtoFields();
  fields.open(bytes, from, to);
  let alias = '';
  while (fields.next()) if (fields.field === 2) alias = bytes.toString('utf8', fields.from, fields.to);
  return alias;
}
