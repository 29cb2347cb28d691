/** Kafka's error codes: name → code and back. The table itself is generated from Kafka's `Errors`. */
import { kafkaErrors } from './generated/error-codes.ts';

export { kafkaErrors };

export type KafkaErrorName = keyof typeof kafkaErrors;

export interface KafkaErrorInfo {
  readonly name: KafkaErrorName;
  readonly code: number;
  /** Whether Kafka's own clients try again. */
  readonly retriable: boolean;
}

const byCode = new Map<number, KafkaErrorInfo>(
  (Object.entries(kafkaErrors) as [KafkaErrorName, { code: number; retriable: boolean }][]).map(
    ([name, { code, retriable }]) => [code, Object.freeze({ name, code, retriable })],
  ),
);

/** The error behind a code from the wire; a code that Kafka 4.3 does not know is `UNKNOWN_SERVER_ERROR`, as in Kafka's clients. */
export function kafkaErrorOf(code: number): KafkaErrorInfo {
  return byCode.get(code) ?? byCode.get(kafkaErrors.UNKNOWN_SERVER_ERROR.code)!;
}

/** The code for the wire: `errorCodeOf('NOT_LEADER_OR_FOLLOWER')`. */
export function errorCodeOf(name: KafkaErrorName): number {
  return kafkaErrors[name].code;
}
