import { describe, it } from 'vitest';
import { contextFor } from '../../component/testing/context.ts';
import { sinkContract } from '../../component/testing/sink-contract.ts';
import { nullSink } from './null-sink.ts';

sinkContract({ describe, it }, 'null', {
  readable: false,
  create: async () => ({
    sink: nullSink.create(contextFor(nullSink, { batchSize: 10 })),
    delivered: async () => [],
  }),
});
