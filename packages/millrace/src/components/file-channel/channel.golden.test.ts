import { configGolden } from '../../../../testkit/src/flume/config-cases/config-golden.ts';
import { fileChannelCases } from '../../../../testkit/src/flume/config-cases/file-channel.ts';

configGolden(fileChannelCases);
