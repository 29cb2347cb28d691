import { configGolden } from '../../../../testkit/src/flume/config-cases/config-golden.ts';
import { kafkaSourceCases } from '../../../../testkit/src/flume/config-cases/kafka-source.ts';

configGolden(kafkaSourceCases);
