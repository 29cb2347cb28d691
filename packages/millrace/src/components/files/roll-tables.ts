import { resolve } from 'node:path';
import { LocalStore } from '../../clients/file-store/local-store.ts';
import { machineZone } from '../../java/time-zone.ts';
import type { BucketedSinkSettings } from './sink-base.ts';
import { tableFormat } from './table-format.ts';
import type { TableOptions, TableType } from './table-options.ts';

export interface RollTablesOptions extends TableOptions {
  readonly 'sink.directory': string;
  readonly 'sink.rollInterval': number;
  readonly 'sink.batchSize': number;
  readonly openFilesFolder: string | undefined;
}

/** What names of files of tables begin with. */
export const tablePrefix = 'events';

/**
 * How the file_roll sink writes tables. They can be read once they are whole, so that events are acknowledged with their
 * file, not with their bytes: it is the hdfs sink's `stream` mode, in one folder.
 */
export function rollTables(type: TableType, options: RollTablesOptions): BucketedSinkSettings {
  const format = tableFormat(type, options);
  return {
    openStore: () => new LocalStore(resolve(options['sink.directory'])),
    nameFault: () => null,
    batchEvents: options['sink.batchSize'],
    mode: 'stream',
    format,
    naming: { inUsePrefix: '', inUseSuffix: '.tmp', suffix: format.extension },
    path: { folder: '', prefix: tablePrefix, zone: machineZone, rounding: null, useLocalTime: true },
    rules: { intervalMs: options['sink.rollInterval'] * 1000, events: 0, bodyBytes: 0, idleMs: 0 },
    maxOpenFiles: 1,
    namesByOffset: false,
    closeTries: Number.POSITIVE_INFINITY,
    closeRetryMs: 10_000,
    openFilesFolder: options.openFilesFolder,
    pathKey: 'sink.directory',
  };
}
