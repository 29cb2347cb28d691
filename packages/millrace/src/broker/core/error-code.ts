import { type KafkaErrorName, kafkaErrors } from '../../protocol/error-codes.ts';

/** The protocol's error codes by name. */
export const ErrorCode = Object.fromEntries(
  Object.entries(kafkaErrors).map(([name, { code }]) => [name, code]),
) as { readonly [Name in KafkaErrorName]: (typeof kafkaErrors)[Name]['code'] };
