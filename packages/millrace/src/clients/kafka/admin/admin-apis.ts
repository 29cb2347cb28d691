/** The requests of administrators; versions as in `apis.ts`. */
import { consumerGroupDescribeMessages } from '../../../protocol/generated/consumer-group-describe.ts';
import { createPartitionsMessages } from '../../../protocol/generated/create-partitions.ts';
import { createTopicsMessages } from '../../../protocol/generated/create-topics.ts';
import { deleteGroupsMessages } from '../../../protocol/generated/delete-groups.ts';
import { deleteRecordsMessages } from '../../../protocol/generated/delete-records.ts';
import { deleteTopicsMessages } from '../../../protocol/generated/delete-topics.ts';
import { describeConfigsMessages } from '../../../protocol/generated/describe-configs.ts';
import { describeGroupsMessages } from '../../../protocol/generated/describe-groups.ts';
import { describeTopicPartitionsMessages } from '../../../protocol/generated/describe-topic-partitions.ts';
import { incrementalAlterConfigsMessages } from '../../../protocol/generated/incremental-alter-configs.ts';
import { listGroupsMessages } from '../../../protocol/generated/list-groups.ts';
import { offsetDeleteMessages } from '../../../protocol/generated/offset-delete.ts';
import { api } from '../apis.ts';

/** Since Kafka 3.7; whoever uses it can do without. */
export const describeTopicPartitionsApi = api(describeTopicPartitionsMessages, 0);
export const createTopicsApi = api(createTopicsMessages, 2, 7);
export const deleteTopicsApi = api(deleteTopicsMessages, 1, 5);
export const deleteRecordsApi = api(deleteRecordsMessages, 0, 2);
export const createPartitionsApi = api(createPartitionsMessages, 0, 3);
export const describeConfigsApi = api(describeConfigsMessages, 1, 4);
export const incrementalAlterConfigsApi = api(incrementalAlterConfigsMessages, 0, 1);
export const listGroupsApi = api(listGroupsMessages, 0, 5);
/** Since Kafka 4.0; whoever uses it can do without. */
export const consumerGroupDescribeApi = api(consumerGroupDescribeMessages, 0);
export const describeGroupsApi = api(describeGroupsMessages, 0, 5);
export const deleteGroupsApi = api(deleteGroupsMessages, 0, 2);
export const offsetDeleteApi = api(offsetDeleteMessages, 0);
