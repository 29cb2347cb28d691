import { configGolden } from '../../../../testkit/src/flume/config-cases/config-golden.ts';
import { seqSourceCases } from '../../../../testkit/src/flume/config-cases/seq-source.ts';

configGolden(seqSourceCases);
