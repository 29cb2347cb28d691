import { configGolden } from '../../../../testkit/src/flume/config-cases/config-golden.ts';
import { processorsCases } from '../../../../testkit/src/flume/config-cases/processors.ts';

configGolden(processorsCases);
