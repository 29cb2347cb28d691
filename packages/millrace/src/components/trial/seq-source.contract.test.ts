import { describe, it } from 'vitest';
import { contextFor } from '../../component/testing/context.ts';
import { sourceContract } from '../../component/testing/source-contract.ts';
import { seqSource } from './seq-source.ts';

sourceContract({ describe, it }, 'seq', {
  rejected: 'again',
  made: (count) => Array.from({ length: count }, (_, i) => String(i)),
  create: async (channels) => ({
    source: seqSource.create({ ...contextFor(seqSource, { batchSize: 7 }), channels }),
  }),
});
