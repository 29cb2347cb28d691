import type { RowSpec } from '../lib/row.ts';
import { brokerRows } from './broker.ts';
import { chain } from './chain.ts';
import { fileToKafka } from './file-to-kafka.ts';

/** Every row, in the order of the table. */
export const rows: readonly RowSpec[] = [fileToKafka, ...brokerRows, chain];
