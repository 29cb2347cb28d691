import { describe, it } from 'vitest';
import { contextFor } from '../../component/testing/context.ts';
import { sinkContract } from '../../component/testing/sink-contract.ts';
import { loggerSink } from './logger-sink.ts';

sinkContract({ describe, it }, 'logger', {
  create: async () => {
    const context = contextFor(loggerSink);
    return {
      sink: loggerSink.create(context),
      delivered: async () => context.log.lines.map((line) => line.replace(/^.* (\S+) }$/, '$1')),
    };
  },
});
