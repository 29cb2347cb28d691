import type { ProducerOptions } from '../options.ts';

/** A producer's options with Kafka's defaults filled in. */
export interface ProducerLimits {
  readonly acks: 0 | 1 | -1;
  readonly lingerMs: number;
  readonly batchSizeBytes: number;
  /** So much leaves although a request is under way; 0: everything does. */
  readonly busyBytes: number;
  readonly compression: NonNullable<ProducerOptions['compression']>;
  readonly maxInFlight: number;
  readonly deliveryTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly retries: number;
  readonly retryBackoffMs: number;
  readonly retryBackoffMaxMs: number;
  readonly idempotence: boolean;
  /** What is sent belongs to transactions. */
  readonly transactional: boolean;
  readonly maxRequestBytes: number;
  readonly bufferBytes: number;
  readonly maxBlockMs: number;
  readonly metadataMaxIdleMs: number;
}

/** Idempotence holds unless something asks for what it cannot have, as in Kafka's client. */
export function limitsFrom(o: ProducerOptions): ProducerLimits {
  const acks = o.acks ?? -1;
  const maxInFlight = o.maxInFlight ?? 5;
  const retries = o.retries ?? 2147483647;
  return {
    acks,
    maxInFlight,
    retries,
    lingerMs: o.lingerMs ?? 5,
    batchSizeBytes: o.batchSizeBytes ?? 16384,
    busyBytes: o.joinWhileBusy === true ? (o.batchSizeBytes ?? 16384) / 2 : 0,
    compression: o.compression ?? 'none',
    deliveryTimeoutMs: o.deliveryTimeoutMs ?? 120_000,
    requestTimeoutMs: o.requestTimeoutMs ?? 30_000,
    retryBackoffMs: o.retryBackoffMs ?? 100,
    retryBackoffMaxMs: o.retryBackoffMaxMs ?? 1000,
    idempotence: (o.idempotence ?? true) && acks === -1 && maxInFlight <= 5 && retries > 0,
    transactional: o.transactionalId !== undefined,
    maxRequestBytes: o.maxRequestBytes ?? 1048576,
    bufferBytes: o.bufferBytes ?? 33554432,
    maxBlockMs: o.maxBlockMs ?? 60_000,
    metadataMaxIdleMs: o.metadataMaxIdleMs ?? 300_000,
  };
}
