import { configGolden } from '../../../../testkit/src/flume/config-cases/config-golden.ts';
import { execSourceCases } from '../../../../testkit/src/flume/config-cases/exec-source.ts';

configGolden(execSourceCases);
