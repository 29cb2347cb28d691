/** The requests of consumers and their groups; versions as in `apis.ts`. */
import { consumerGroupHeartbeatMessages } from '../../../protocol/generated/consumer-group-heartbeat.ts';
import { heartbeatMessages } from '../../../protocol/generated/heartbeat.ts';
import { joinGroupMessages } from '../../../protocol/generated/join-group.ts';
import { leaveGroupMessages } from '../../../protocol/generated/leave-group.ts';
import { listOffsetsMessages } from '../../../protocol/generated/list-offsets.ts';
import { offsetCommitMessages } from '../../../protocol/generated/offset-commit.ts';
import { offsetFetchMessages } from '../../../protocol/generated/offset-fetch.ts';
import { syncGroupMessages } from '../../../protocol/generated/sync-group.ts';
import { api } from '../apis.ts';

export const listOffsetsApi = api(listOffsetsMessages, 1, 9);
export const joinGroupApi = api(joinGroupMessages, 5, 9);
export const syncGroupApi = api(syncGroupMessages, 3, 5);
export const heartbeatApi = api(heartbeatMessages, 3, 4);
export const leaveGroupApi = api(leaveGroupMessages, 3, 5);
export const consumerGroupHeartbeatApi = api(consumerGroupHeartbeatMessages, 0, 1);
export const offsetCommitApi = api(offsetCommitMessages, 7, 9);
/** Up to the version that names topics by id; for who knows the id of each. */
export const offsetCommitByIdApi = api(offsetCommitMessages, 7, 10);
export const offsetFetchApi = api(offsetFetchMessages, 8, 9);
