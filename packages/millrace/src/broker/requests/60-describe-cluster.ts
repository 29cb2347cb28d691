import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { defineHandler } from './call.ts';

const brokersEndpoint = 1;

export const describeCluster = defineHandler(
  messages.describeCluster,
  ['DESCRIBE CLUSTER'],
  (request, { broker, endpoint }) => {
    const { clusterId, settings } = broker;
    if (request.endpointType !== brokersEndpoint) {
      const errorMessage = 'The request was sent to an endpoint of brokers, not of controllers.';
      return {
        throttleTimeMs: 0,
        errorCode: ErrorCode.MISMATCHED_ENDPOINT_TYPE,
        errorMessage,
        clusterId,
        brokers: [],
      };
    }
    const brokers = [{ brokerId: settings.nodeId, host: endpoint.host, port: endpoint.port }];
    return {
      throttleTimeMs: 0,
      errorCode: ErrorCode.NONE,
      clusterId,
      controllerId: settings.nodeId,
      brokers,
    };
  },
);
