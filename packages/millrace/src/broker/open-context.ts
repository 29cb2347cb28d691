import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { randomUuid } from '../protocol/uuid.ts';
import { errorText, MillraceError } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { BufferPool } from './core/buffer-pool.ts';
import { ByteBudget } from './core/byte-budget.ts';
import { isFault } from './core/fault.ts';
import { PartitionRoom, processOpenFiles } from './core/partition-room.ts';
import { RequestRoom } from './core/request-room.ts';
import { Slots } from './core/serial.ts';
import { Traffic } from './core/traffic.ts';
import type { TopicsView } from './group/consumer/subscriptions.ts';
import { Coordinator } from './group/coordinator.ts';
import { OffsetLog } from './group/offset-log.ts';
import type { BrokerContext } from './requests/call.ts';
import { servedVersions } from './requests/dispatch.ts';
import { FetchSessions } from './requests/fetch-sessions.ts';
import { openSecurity } from './security/open-security.ts';
import type { BrokerSettings } from './settings/settings.ts';
import { readWhole, replaceFile } from './storage/durable-file.ts';
import { offsetsTopic, transactionsTopic } from './storage/internal-topics.ts';
import { ProducerIds } from './storage/producer-ids.ts';
import { TopicStore } from './storage/topics.ts';
import { MarkerWriter } from './transactions/marker-writer.ts';
import { TransactionCoordinator } from './transactions/transaction-coordinator.ts';

/** Free buffers that are kept for the next requests and fetches. */
const pooledBytes = 16 << 20;
/** What requests beyond `alwaysRoomBytes` of clients that have not logged in may hold together. */
const loginBytes = 16 << 20;
/** Produced batches that are decompressed at the same time; a connection has one of them at most. */
const openedAtOnce = 2;
/** The folder name of a broker that keeps everything in memory; no such folder is made. */
const memoryDir = '/memory';

/** Opens what is in the data folder, or begins a new one. */
export async function openContext(settings: BrokerSettings): Promise<BrokerContext> {
  const { files, logger, now, producerIdExpirationMs } = settings;
  const dir = settings.dataDir ?? memoryDir;
  if (settings.dataDir === undefined) files.makeDir(dir);
  const durable = settings.dataDir !== undefined && settings.logFlush === 'fsync';
  const topicDefaults = new Map(Object.entries(settings.topicDefaults));
  const clusterId = await openMeta(settings, dir);
  const security = await openSecurity(settings, dir);
  const topics = new TopicStore({
    dir,
    topicDefaults,
    files,
    logger,
    now,
    hideUntilDurable: durable,
    producerIdExpirationMs,
    onDeleted: (name) => groups.forgetTopic(name),
  });
  const producerIds = new ProducerIds(files, join(dir, 'producer-ids'));
  const groups: Coordinator = openCoordinator(settings, topics, durable);
  const transactions = openTransactions(settings, topics, groups, producerIds, durable);
  try {
    producerIds.load();
    await topics.load();
    if (topics.byName(offsetsTopic) !== undefined) {
      await groups.ready().catch((error) => logger.error(`groups and offsets: ${errorText(error)}`));
    }
    if (topics.byName(transactionsTopic) !== undefined) {
      await transactions.ready().catch((error) => logger.error(`transactions: ${errorText(error)}`));
    }
  } catch (error) {
    transactions.close();
    groups.close();
    await topics.close();
    await security.audit?.close();
    throw error;
  }
  const fetchSessions = new FetchSessions({
    maxSessions: settings.maxFetchSessions,
    maxPartitions: settings.maxFetchSessionPartitions,
    evictionMs: 120_000,
    newId: () => randomInt(1, 0x7fff_ffff),
  });
  const systemOpenFiles = processOpenFiles();
  const room = new PartitionRoom({ ...settings, systemOpenFiles }, () => topics.partitionCount);
  for (const shortage of room.shortages()) logger.warn(shortage);
  const pendingAnswers = new ByteBudget(settings.maxPendingAnswerBytes);
  const maxQueued = settings.maxQueuedRequestBytes;
  const served = servedVersions();
  return {
    settings,
    buffers: new BufferPool(pooledBytes),
    room,
    requestRoom: new RequestRoom(maxQueued > 0 ? maxQueued : Number.POSITIVE_INFINITY),
    loginRoom: new RequestRoom(loginBytes),
    opening: new Slots(openedAtOnce),
    traffic: new Traffic(),
    clusterId,
    topics,
    groups,
    transactions,
    fetchSessions,
    producerIds,
    ...security,
    pendingAnswers,
    durable,
    topicDefaults,
    served,
  };
}

function openCoordinator(settings: BrokerSettings, topics: TopicStore, durable: boolean): Coordinator {
  const { logger, now } = settings;
  return new Coordinator({
    initialRebalanceDelayMs: settings.groupInitialRebalanceDelayMs,
    minSessionTimeoutMs: settings.groupMinSessionTimeoutMs,
    maxSessionTimeoutMs: settings.groupMaxSessionTimeoutMs,
    maxSize: settings.groupMaxSize,
    offsetsRetentionMs: settings.offsetsRetentionMs,
    now,
    logger,
    openLog: () => openCoordinatorLog(offsetsTopic, topics, durable, logger),
    hasTopic: (name) => topics.byName(name) !== undefined,
    consumers: {
      topics: topicsViewOf(topics),
      settings: {
        assignors: settings.groupConsumerAssignors.split(','),
        maxSize: settings.groupConsumerMaxSize,
        sessionTimeoutMs: settings.groupConsumerSessionTimeoutMs,
        heartbeatIntervalMs: settings.groupConsumerHeartbeatIntervalMs,
        assignmentIntervalMs: settings.groupConsumerAssignmentIntervalMs,
      },
    },
  });
}

function topicsViewOf(topics: TopicStore): TopicsView {
  return {
    get version() {
      return topics.version;
    },
    *names() {
      for (const { name } of topics.all()) yield name;
    },
    find: (name) => {
      const topic = topics.byName(name);
      return topic === undefined ? undefined : { id: topic.id, partitions: topic.partitions.length };
    },
  };
}

function openTransactions(
  settings: BrokerSettings,
  topics: TopicStore,
  groups: Coordinator,
  producerIds: ProducerIds,
  durable: boolean,
): TransactionCoordinator {
  const { logger, now } = settings;
  const markers = new MarkerWriter({ topics, groups, durable });
  return new TransactionCoordinator({
    maxTimeoutMs: settings.transactionMaxTimeoutMs,
    idExpirationMs: settings.transactionalIdExpirationMs,
    abortIntervalMs: settings.transactionAbortIntervalMs,
    now,
    logger,
    openLog: () => openCoordinatorLog(transactionsTopic, topics, durable, logger),
    hasLog: () => topics.byName(transactionsTopic) !== undefined,
    newProducerId: () => producerIds.next(),
    writeMarkers: (prepared) => markers.write(prepared),
  });
}

async function openCoordinatorLog(
  name: string,
  topics: TopicStore,
  durable: boolean,
  logger: Logger,
): Promise<OffsetLog> {
  const topic = await topics.ensure(name, 1, new Map());
  if (isFault(topic)) throw new MillraceError('INTERNAL', topic.message);
  const partition = topic.partitions[0]!;
  // A log that has failed may lose records when it is opened anew; it throws why when it is not open.
  if (partition.log.failure !== null) throw partition.log.failure;
  return new OffsetLog(partition, durable, logger);
}

/** `meta.properties` ties the folder to one cluster and node, as in Kafka. Returns the cluster id. */
async function openMeta(settings: BrokerSettings, dir: string): Promise<string> {
  const { files, nodeId } = settings;
  const path = join(dir, 'meta.properties');
  const text = readWhole(files, path)?.toString('utf8');
  const kafkas = files
    .list(dir)
    .find((name) => name === '__cluster_metadata-0' || name === 'bootstrap.checkpoint');
  if (kafkas !== undefined) {
    throw new MillraceError('CONFIG_INVALID', `${dir} is the folder of an Apache Kafka: it has ${kafkas}`, {
      remedy:
        'Give this broker a folder of its own (--data); kafka-mirror copies topics from one to the other.',
      details: { dir },
    });
  }
  if (text === undefined) {
    const clusterId = randomUuid();
    await replaceFile(files, path, `version=1\nnode.id=${nodeId}\ncluster.id=${clusterId}\n`);
    return clusterId;
  }
  const clusterId = /^cluster\.id=(\S+)$/m.exec(text)?.[1];
  if (clusterId === undefined) {
    throw new MillraceError('LOG_CORRUPT', `${path}: no cluster.id in it`, {
      remedy: 'Restore the file from a backup.',
    });
  }
  const storedNode = /^node\.id=(\d+)$/m.exec(text)?.[1];
  if (storedNode !== undefined && Number(storedNode) !== nodeId) {
    throw new MillraceError(
      'CONFIG_INVALID',
      `${dir} belongs to node ${storedNode}, this is node ${nodeId}`,
      {
        remedy: 'Start with the node id of the folder, or with another folder.',
      },
    );
  }
  return clusterId;
}
