import { resolve } from 'node:path';
import { type OptionFinding, type OptionValues, opt } from '../../config/options.ts';
import { DurableQueue } from '../../queues/durable-queue.ts';
import type { FileLayer } from '../../runtime/files.ts';
import { expandHome } from '../../runtime/home-path.ts';
import type { ComponentContext } from '../define.ts';
import { cipherOf, encryptionFaults, encryptionKeys, encryptionNotes } from './encryption.ts';

const noReplay = 'There is no replay: the log itself is the queue, and a start reads only where it stopped.';
const notRead = 'Flume 1.11 does not read it either: nothing waits for a checkpoint.';
const onePosition =
  'The consumed position is one small checksummed record in two copies; there is nothing to back up.';

/** Where and how a channel keeps events in files; the names of Flume's file channel. */
export const durableQueueOptions = {
  checkpointDir: opt.path({
    doc: 'Folder of the consumed position.',
    exclusive: { path: 'folder', holds: 'the consumed position' },
    default: '~/.flume/file-channel/checkpoint',
  }),
  dataDirs: opt.list({
    doc: 'Folders of the events, perhaps on several disks: files of at most maxFileSize are made in one after the other, where there is room. One that is left out is read until it is empty; one that is not there keeps the channel from starting.',
    default: ['~/.flume/file-channel/data'],
    exclusive: { path: 'folder', holds: 'its events' },
    separator: /\s*,\s*/,
  }),
  transactionCapacity: opt.int({
    doc: 'Most events of one put or one take; not above the capacity.',
    unit: 'events',
    default: 10_000,
    min: 1,
    onOutside: 'default',
    flumeSays: () =>
      'Invalid transaction capacity specified, initializing channel to default capacity of 10000',
  }),
  checkpointInterval: opt.duration('ms', {
    doc: 'How often the consumed position is synced to the device and consumed files are removed.',
    java: 'long',
    default: 30_000,
    min: 1,
    onOutside: 'default',
    flumeSays: (written) => `Checkpoint interval is invalid: ${written}, using default: 30000`,
  }),
  maxFileSize: opt.bytes({
    doc: 'Most bytes of one data file; above 128 MiB it is 128 MiB, so that consumed events free their space sooner.',
    default: 1_623_195_647,
    min: 1,
  }),
  minimumRequiredSpace: opt.bytes({
    doc: 'Free bytes on the device below which puts fail; at least 1 MiB.',
    default: 524_288_000,
    min: 0,
    onOutside: 'clamp',
  }),
  fsyncPerTransaction: opt.boolean({
    doc: 'Whether a put is on the device when it commits. False: synced every fsyncInterval; a power cut loses the rest.',
    default: true,
  }),
  fsyncInterval: opt.duration('s', {
    doc: 'Time between syncs without fsyncPerTransaction.',
    default: 5,
    min: 1,
  }),
  checkpointOnClose: opt.boolean({
    doc: 'Whether a stop writes a checkpoint.',
    default: true,
    ignored: 'A stop always writes one: it costs a single small write.',
  }),
  useDualCheckpoints: opt.boolean({ doc: 'Keep a second checkpoint.', default: false, ignored: onePosition }),
  backupCheckpointDir: opt.path({ doc: 'Folder of the second checkpoint.', ignored: onePosition }),
  compressBackupCheckpoint: opt.boolean({ doc: 'Compress it.', default: false, ignored: onePosition }),
  'use-fast-replay': opt.boolean({ doc: 'Replay in memory.', default: false, ignored: noReplay }),
  'use-log-replay-v1': opt.boolean({
    doc: 'Replay as older versions did.',
    default: false,
    ignored: noReplay,
  }),
  'write-timeout': opt.string({ doc: 'A wait of versions before 1.7.', ignored: notRead }),
  'checkpoint-timeout': opt.string({ doc: 'A wait of versions before 1.7.', ignored: notRead }),
  encryption: opt.map({
    doc: `Encryption at rest with AES-256 in GCM, in whole batches: \`activeKey\` is the key that writes, \`cipherProvider\` is AESCTRNOPADDING. With \`keyProvider = JCEKSFILE\` the keys are in a PKCS12 store, \`keyProvider.keyStoreFile\`, its password in \`keyProvider.keyStorePasswordFile\`, \`keyProvider.keys\` names them and \`keyProvider.keys.NAME.passwordFile\` has the password of one. With \`keyProvider = KEYFILE\` they are in \`keyProvider.keyFile\`, a line each: name and key in base64.`,
    keys: encryptionKeys,
  }),
};
type DurableQueueValues = OptionValues<typeof durableQueueOptions>;

/** Why these options can't work. */
export function durableQueueFaults(values: DurableQueueValues): readonly OptionFinding[] {
  const found: OptionFinding[] = [];
  if (values.useDualCheckpoints && values.backupCheckpointDir === undefined) {
    const message = 'Dual checkpointing is enabled, but the backup directory is not set.';
    found.push({ key: 'useDualCheckpoints', message });
  }
  if (values.useDualCheckpoints && values.backupCheckpointDir === values.checkpointDir) {
    const message = 'backupCheckpointDir cannot be the same as checkpointDir.';
    found.push({ key: 'backupCheckpointDir', message });
  }
  if (values.dataDirs.length === 0) found.push({ key: 'dataDirs', message: 'dataDirs names no folder.' });
  found.push(...encryptionFaults(values.encryption));
  return found;
}

/** What an operator should know although the channel works. */
export function durableQueueNotes({ encryption }: DurableQueueValues): readonly OptionFinding[] {
  return encryptionNotes(encryption);
}

/** What a test replaces. */
export interface QueueSurroundings {
  readonly files?: FileLayer;
  /** False: the folders belong to nobody else (a file layer in memory). */
  readonly lock?: boolean;
  /** Empty: files of Flume's own file channel may lie beside the queue, for they are about to be imported. */
  readonly flumeDirs?: readonly [];
}

/** The folder of the events. */
export function eventsFolder({ dataDirs }: DurableQueueValues): string {
  return resolve(expandHome(dataDirs[0]!));
}

/** Opens the queue that the options mean. */
export async function openDurableQueue(
  context: Pick<ComponentContext<typeof durableQueueOptions>, 'name' | 'options' | 'report'>,
  surroundings: QueueSurroundings,
  checkpointFailed: (error: unknown) => void,
): Promise<DurableQueue> {
  const { options, name, report } = context;
  const dirs = [...new Set(options.dataDirs.map((dir) => resolve(expandHome(dir))))];
  const cipher = await cipherOf(options.encryption, name);
  return await DurableQueue.open({
    owner: name,
    dataDirs: dirs,
    checkpointDir: resolve(options.checkpointDir),
    flumeDirs: dirs,
    fileBytes: options.maxFileSize,
    requiredSpaceBytes: options.minimumRequiredSpace,
    syncs: options.fsyncPerTransaction,
    syncIntervalMs: options.fsyncInterval * 1000,
    checkpointIntervalMs: options.checkpointInterval,
    ...surroundings,
    ...(cipher === undefined ? {} : { cipher }),
    report: (diagnostic) => report(diagnostic),
    checkpointFailed,
  });
}
