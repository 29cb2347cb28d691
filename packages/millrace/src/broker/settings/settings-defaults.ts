import { MemoryFiles } from '../../log/memory-files.ts';
import { MillraceError } from '../../runtime/errors.ts';
import { realFiles } from '../../runtime/files.ts';
import { silentLogger } from '../../runtime/logger.ts';
import { processOpenFiles } from '../core/partition-room.ts';
import { checkSettings, settingDefaults } from './setting-table.ts';
import type { BrokerOptions, BrokerSettings } from './settings.ts';
import { topicConfigFault } from './topic-configs.ts';

/** All settings of a broker that was told these. Throws `CONFIG_INVALID` for what can't be. */
export function withDefaults(options: BrokerOptions): BrokerSettings {
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Partial<BrokerSettings>;
  const inMemory = given.dataDir === undefined;
  const settings = {
    ...settingDefaults(),
    host: '127.0.0.1',
    port: 0,
    advertisedHost: undefined,
    listeners: undefined,
    authorizer: undefined,
    auditLog: undefined,
    addScram: [],
    dataDir: undefined,
    nodeId: 1,
    topicDefaults: {},
    maxOpenFiles: inMemory ? Number.POSITIVE_INFINITY : processOpenFiles(),
    logger: silentLogger,
    files: inMemory ? new MemoryFiles() : realFiles,
    now: Date.now,
    ...given,
  } as BrokerSettings;
  checkWhole('port', settings.port, 0, 65_535);
  checkSettings(settings);
  for (const [name, value] of Object.entries(settings.topicDefaults)) {
    const fault = topicConfigFault(name, value);
    if (fault !== null)
      throw new MillraceError('CONFIG_INVALID', `topicDefaults: ${fault}`, {
        remedy: 'They are settings of topics, as Kafka names them: retention.ms, max.message.bytes, …',
        details: { name, value },
      });
  }
  return settings;
}

/** Programs without types get a sentence instead of Node's RangeError. */
function checkWhole(option: string, value: unknown, min: number, max: number): void {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return;
  throw new MillraceError(
    'CONFIG_INVALID',
    `${option} is a whole number from ${min} to ${max}, not ${JSON.stringify(value)}`,
    { remedy: `Give Broker.start a ${option} that is one.`, details: { option, value } },
  );
}
