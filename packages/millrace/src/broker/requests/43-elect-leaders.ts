import type { TopicPartitions } from '../../protocol/generated/elect-leaders.ts';
import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { type RequestFault, refuse } from '../core/fault.ts';
import { type BrokerContext, type Call, defineHandler } from './call.ts';

/** The preferred leader, or one that lacks records; nothing else is known. */
const electionTypes = [0, 1];
/** The answer has a place for an error of its own since this version. */
const errorFrom = 1;

/** One node leads everything: nothing is ever to be elected, and of a request for all partitions there is nothing to tell. */
export const electLeaders = defineHandler(
  messages.electLeaders,
  ['ALTER CLUSTER'],
  ({ electionType, topicPartitions }, { broker, version }: Call) => {
    const isKnown = electionTypes.includes(electionType);
    const unknown = isKnown
      ? null
      : refuse(ErrorCode.INVALID_REQUEST, `There is no election type ${electionType}.`);
    const all = () => [...broker.topics.all()].map(({ name }) => ({ topic: name, partitions: [] }));
    const asked = topicPartitions ?? (isKnown ? all() : []);
    return {
      throttleTimeMs: 0,
      ...(version >= errorFrom ? { errorCode: unknown?.errorCode ?? ErrorCode.NONE } : {}),
      replicaElectionResults: asked.map((each) => elect(each, unknown, broker)),
    };
  },
);

function elect(
  { topic, partitions }: TopicPartitions,
  refusal: RequestFault | null,
  { topics }: BrokerContext,
) {
  const partitionResult = partitions.map((partitionId) => {
    const isKnown = topics.partition(topic, partitionId) !== undefined;
    const { errorCode, message } =
      refusal ??
      (isKnown
        ? refuse(ErrorCode.ELECTION_NOT_NEEDED, 'The one broker leads it.')
        : refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `There is no ${topic}-${partitionId}.`));
    return { partitionId, errorCode, errorMessage: message };
  });
  return { topic, partitionResult };
}
