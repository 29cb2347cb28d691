import { configGolden } from '../../../../testkit/src/flume/config-cases/config-golden.ts';
import { fileRollSinkCases } from '../../../../testkit/src/flume/config-cases/file-roll-sink.ts';

configGolden(fileRollSinkCases);
