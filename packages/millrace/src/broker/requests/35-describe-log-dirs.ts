import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { defineHandler } from './call.ts';

export const describeLogDirs = defineHandler(
  messages.describeLogDirs,
  ['DESCRIBE CLUSTER'],
  (request, { broker, version }) => {
    const wanted = request.topics === null ? null : new Map<string, Set<number>>();
    for (const { topic, partitions } of request.topics ?? [])
      wanted!.set(topic, new Set([...(wanted!.get(topic) ?? []), ...partitions]));
    const topics = [...broker.topics.all()]
      .filter(({ name }) => wanted === null || wanted.has(name))
      .map(({ name, partitions }) => ({
        name,
        partitions: partitions
          .filter((each) => !each.isOffline && (wanted === null || wanted.get(name)!.has(each.index)))
          .map(({ index, log }) => ({
            partitionIndex: index,
            partitionSize: log.sizeBytes,
            offsetLag: 0,
            isFutureKey: false,
          })),
      }))
      .filter((topic) => wanted === null || topic.partitions.length > 0);
    const { dataDir, files } = broker.settings;
    const free =
      dataDir === undefined
        ? {}
        : { usableBytes: files.freeBytes(dataDir), totalBytes: files.totalBytes?.(dataDir) ?? -1 };
    const result = {
      errorCode: ErrorCode.NONE,
      logDir: dataDir ?? 'memory',
      topics,
      ...(version >= 4 ? free : {}),
    };
    return { throttleTimeMs: 0, results: [result] };
  },
);
