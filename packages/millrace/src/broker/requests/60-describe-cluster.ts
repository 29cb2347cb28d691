import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { authorizedOperations } from './authorized-operations.ts';
import { defineHandler } from './call.ts';

const endpointTypes = { brokers: 1, controllers: 2 } as const;

export const describeCluster = defineHandler(
  messages.describeCluster,
  ['DESCRIBE CLUSTER'],
  (request, { broker, endpoint }) => {
    const { clusterId, settings } = broker;
    const { endpointType, includeClusterAuthorizedOperations } = request;
    if (endpointType !== endpointTypes.brokers) {
      const isKnown = endpointType === endpointTypes.controllers;
      return {
        throttleTimeMs: 0,
        errorCode: isKnown ? ErrorCode.MISMATCHED_ENDPOINT_TYPE : ErrorCode.UNSUPPORTED_ENDPOINT_TYPE,
        errorMessage: isKnown
          ? 'The request was sent to an endpoint of brokers, not of controllers.'
          : `There is no endpoint type ${endpointType}.`,
        clusterId: '',
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
      ...(includeClusterAuthorizedOperations
        ? { clusterAuthorizedOperations: authorizedOperations.cluster }
        : {}),
    };
  },
);
