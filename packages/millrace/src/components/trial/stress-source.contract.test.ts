import { describe, it } from 'vitest';
import { contextFor } from '../../component/testing/context.ts';
import { sourceContract } from '../../component/testing/source-contract.ts';
import { stressSource } from './stress-source.ts';

sourceContract({ describe, it }, 'StressSource', {
  rejected: 'again',
  made: (count) => Array.from({ length: count }, () => '\x7f\x7f'),
  create: async (channels) => ({
    source: stressSource.create({ ...contextFor(stressSource, { batchSize: 7, size: 2 }), channels }),
  }),
});
