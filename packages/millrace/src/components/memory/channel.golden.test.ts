import { configGolden } from '../../../../testkit/src/flume/config-cases/config-golden.ts';
import { memoryChannelCases } from '../../../../testkit/src/flume/config-cases/memory-channel.ts';

configGolden(memoryChannelCases);
