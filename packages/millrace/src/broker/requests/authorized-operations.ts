/**
 * What a client may do with a resource, a bit for each operation of Kafka's authorizer (AclOperation), as answers tell it
 * on demand (KIP-430). Without an authorizer: everything that there is to do with a resource of the kind.
 */
export const authorizedOperations = { topic: 0xdf8, group: 0xd48, cluster: 0x1fa0 } as const;
