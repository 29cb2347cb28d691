import { writeFileSync } from 'node:fs';
import { describe, it } from 'vitest';
import { FaultyFiles } from '../../../../testkit/src/files/faulty-files.ts';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { fileChannelDefaults, keysInFile } from '../../../../testkit/src/flume/file-channel-options.ts';
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

/** The suite on files as they are, encrypted, in several folders. */
function contract(name: string, given: Partial<FileChannelOptions> = {}): void {
  channelContract({ describe, it }, name, {
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
      const options = { ...given, capacity, transactionCapacity, 'keep-alive': keepAliveSeconds };
      return {
        channel: make(options, files),
        reopen: async () => {
          files.kill();
          return make(options, files);
        },
      };
    },
  });
}

const keys = tempDir('millrace-keys-');
writeFileSync(keys.join('keys'), `k1 ${Buffer.alloc(32, 7).toString('base64')}\n`);
contract('file');
contract('file, encrypted', { encryption: keysInFile(keys.join('keys'), 'k1') });
contract('file, in three folders', { dataDirs: ['/fc/a', '/fc/b', '/fc/c'], maxFileSize: 300 });
