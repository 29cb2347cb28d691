/**
 * Why there is no answer.
 * - `connection`: none, or it ended; `timeout`: the server says nothing; `protocol`: what came is no ZooKeeper.
 * - `denied`: the node's ACL does not let everybody read; `refused`: any other error code of the server.
 */
export type ZooKeeperFault = 'connection' | 'timeout' | 'protocol' | 'denied' | 'refused';

export class ZooKeeperError extends Error {
  readonly kind: ZooKeeperFault;

  constructor(kind: ZooKeeperFault, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'ZooKeeperError';
    this.kind = kind;
  }
}
