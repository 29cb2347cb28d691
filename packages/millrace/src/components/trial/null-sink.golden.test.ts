import { configGolden } from '../../../../testkit/src/flume/config-cases/config-golden.ts';
import { nullSinkCases } from '../../../../testkit/src/flume/config-cases/null-sink.ts';

configGolden(nullSinkCases);
