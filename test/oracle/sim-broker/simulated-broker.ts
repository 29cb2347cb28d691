import { vi } from 'vitest';
import { SimServer } from '../../../packages/testkit/src/sim/sim-net.ts';

/** The broker as it is, but for its sockets (memory), its lock (none) and how early it compacts its offsets. */
const source = new URL('../../../packages/millrace/src/', import.meta.url).pathname;
vi.doMock('node:net', async (original) => ({
  ...(await original<typeof import('node:net')>()),
  createServer: (...args: unknown[]) => new SimServer(...args),
}));
const offsetLog = await vi.importActual<
  typeof import('../../../packages/millrace/src/broker/group/offset-log.ts')
>(`${source}broker/group/offset-log.ts`);
vi.doMock(`${source}broker/group/offset-log.ts`, () => ({
  ...offsetLog,
  /** Compacted early, that histories may be short. */
  OffsetLog: class extends offsetLog.OffsetLog {
    constructor(...[partition, durable, logger]: ConstructorParameters<typeof offsetLog.OffsetLog>) {
      super(partition, durable, logger, 400);
    }
  },
}));
vi.doMock(`${source}log/folder-lock.ts`, () => ({ lockFolder: () => ({ release: () => {} }) }));
export const { Broker: SimulatedBroker } = await import('../../../packages/millrace/src/broker/index.ts');
