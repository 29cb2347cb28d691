import type { FileChannelOptions } from '../../../millrace/src/components/file-channel/channel.ts';

/** The options of a file channel as a test wants them: no space kept free, no waiting for room. */
export const fileChannelDefaults: FileChannelOptions = {
  checkpointDir: '/fc/checkpoint',
  dataDirs: ['/fc/data'],
  capacity: 1_000_000,
  transactionCapacity: 10_000,
  'keep-alive': 0,
  checkpointInterval: 30_000,
  maxFileSize: 1_623_195_647,
  minimumRequiredSpace: 0,
  fsyncPerTransaction: true,
  fsyncInterval: 5,
  checkpointOnClose: true,
  useDualCheckpoints: false,
  backupCheckpointDir: undefined,
  compressBackupCheckpoint: false,
  'use-fast-replay': false,
  'use-log-replay-v1': false,
  'write-timeout': undefined,
  'checkpoint-timeout': undefined,
  encryption: new Map(),
};

/** `encryption.*` of a channel whose keys are in that file. */
export const keysInFile = (path: string, activeKey: string): Map<string, string> =>
  new Map([
    ['keyProvider', 'KEYFILE'],
    ['cipherProvider', 'AESCTRNOPADDING'],
    ['activeKey', activeKey],
    ['keyProvider.keyFile', path],
  ]);
