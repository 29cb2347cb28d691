import { configGolden } from '../../../../testkit/src/flume/config-cases/config-golden.ts';
import { selectorsCases } from '../../../../testkit/src/flume/config-cases/selectors.ts';

configGolden(selectorsCases);
