import type { RowSpec } from '../lib/row.ts';
import { brokerRows } from './broker.ts';
import { partitionRows } from './broker-partitions.ts';
import { chain } from './chain.ts';
import { seriesRows } from './collect-series.ts';
import { fileToKafka } from './file-to-kafka.ts';
import { fileToParquet } from './file-to-parquet.ts';
import { fileToPostgres } from './file-to-postgres.ts';
import { flumeSourceRows } from './flume-sources.ts';
import { latencyRows } from './latency.ts';
import { mirror } from './mirror.ts';
import { rebalance } from './rebalance.ts';
import { topicToHdfs } from './topic-to-hdfs.ts';
import { topicToS3 } from './topic-to-s3.ts';

/** Every row, in the order of the table. */
export const rows: readonly RowSpec[] = [
  fileToKafka,
  ...brokerRows,
  ...partitionRows,
  chain,
  ...latencyRows,
  ...seriesRows,
  ...flumeSourceRows,
  fileToPostgres,
  fileToParquet,
  topicToHdfs,
  topicToS3,
  mirror,
  rebalance,
];
