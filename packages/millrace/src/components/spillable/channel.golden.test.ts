import { configGolden } from '../../../../testkit/src/flume/config-cases/config-golden.ts';
import { spillableChannelCases } from '../../../../testkit/src/flume/config-cases/spillable-channel.ts';

configGolden(spillableChannelCases);
