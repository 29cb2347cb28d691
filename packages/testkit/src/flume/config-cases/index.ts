/** The golden table of configurations: all that a real Flume is held against. */
import type { ConfigCase } from './config-case.ts';
import { connectionsCases } from './connections.ts';
import { execSourceCases } from './exec-source.ts';
import { fileChannelCases } from './file-channel.ts';
import { fileRollSinkCases } from './file-roll-sink.ts';
import { kafkaSourceCases } from './kafka-source.ts';
import { languageCases } from './language.ts';
import { memoryChannelCases } from './memory-channel.ts';
import { nullSinkCases } from './null-sink.ts';
import { processorsCases } from './processors.ts';
import { selectorsCases } from './selectors.ts';
import { seqSourceCases } from './seq-source.ts';
import { spillableChannelCases } from './spillable-channel.ts';
import { typesCases } from './types.ts';

export const configCases: readonly ConfigCase[] = [
  ...memoryChannelCases,
  ...fileChannelCases,
  ...spillableChannelCases,
  ...execSourceCases,
  ...seqSourceCases,
  ...kafkaSourceCases,
  ...nullSinkCases,
  ...fileRollSinkCases,
  ...selectorsCases,
  ...processorsCases,
  ...connectionsCases,
  ...typesCases,
  ...languageCases,
];
