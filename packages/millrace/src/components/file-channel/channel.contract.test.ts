import { describe, it } from 'vitest';
import { FaultyFiles } from '../../../../testkit/src/files/faulty-files.ts';
import { fileChannelDefaults } from '../../../../testkit/src/flume/file-channel-options.ts';
import { channelContract } from '../../component/testing/channel-contract.ts';
import { testSurroundings } from '../../component/testing/context.ts';
import { silentLogger } from '../../runtime/logger.ts';
import { FileChannel, type FileChannelOptions } from './channel.ts';

function make(options: Partial<FileChannelOptions>, files: FaultyFiles): FileChannel {
  const context = {
    ...testSurroundings(),
    agent: 'a1',
    name: 'c1',
    options: { ...fileChannelDefaults, ...options },
    log: silentLogger,
    report: () => {},
  };
  return new FileChannel(context, { files, lock: false });
}

channelContract({ describe, it }, 'file', {
  supports: {
    fullAt: 'put',
    transactionCapacity: true,
    mixed: false,
    takeWaits: false,
    durable: true,
    openTakes: true,
    headers: true,
    eventCount: true,
    progress: true,
  },
  create: async ({ capacity, transactionCapacity, keepAliveSeconds }) => {
    const files = new FaultyFiles(1);
    const options = { capacity, transactionCapacity, 'keep-alive': keepAliveSeconds };
    return {
      channel: make(options, files),
      reopen: async () => {
        files.kill();
        return make(options, files);
      },
    };
  },
});
