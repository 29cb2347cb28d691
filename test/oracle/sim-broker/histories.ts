import type { HistoryKind } from '../../../packages/testkit/src/sim/history.ts';
import type { DiskLies } from '../../../packages/testkit/src/sim/sim-files.ts';
import { BrokerWorld } from './world.ts';

export interface BrokerHistoryOptions {
  readonly lies?: DiskLies;
}

/** Histories of a whole broker: data, administration and groups at once, on a disk that ends syncs in any order. */
export function brokerHistories(options: BrokerHistoryOptions = {}): HistoryKind {
  return {
    name: 'a broker',
    maxActions: 70,
    weights: {
      create: 4,
      touch: 5,
      grow: 3,
      delete: 4,
      produce: 16,
      retry: 4,
      fetch: 4,
      commit: 5,
      join: 5,
      sync: 5,
      heartbeat: 3,
      memberCommit: 4,
      leave: 1,
      internal: 1,
      configure: 2,
      deleteRecords: 2,
      housekeep: 2,
      wait: 2,
      complete: 20,
      turn: 6,
      idle: 5,
      look: 2,
      stop: 1,
      kill: 2,
      power: 3,
      dieSoon: 2,
      fail: 1,
      heal: 2,
    },
    make: (seed) => new BrokerWorld(seed, options.lies),
  };
}
