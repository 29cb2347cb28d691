import { type KafkaErrorName, kafkaErrorOf } from '../../protocol/error-codes.ts';
import { MillraceError } from '../../runtime/errors.ts';

/** The broker's error as ours: `KAFKA`, naming the error; retryable where Kafka's own clients try again. */
export function kafkaError(code: number, where: string, text?: string | null): MillraceError {
  const { name, retriable } = kafkaErrorOf(code);
  const message =
    text === undefined || text === null || text === '' ? `${where}: ${name}` : `${where}: ${name}: ${text}`;
  return new MillraceError('KAFKA', message, {
    retryable: retriable,
    details: { error: name, errorCode: code },
  });
}

export const errorName = (code: number): KafkaErrorName => kafkaErrorOf(code).name;

export const isRetriable = (code: number): boolean => kafkaErrorOf(code).retriable;

/** The name of the broker's error that an exception stands for; '' where it stands for none. */
export function brokerErrorName(error: unknown): string {
  return error instanceof MillraceError && error.code === 'KAFKA' ? String(error.details.error ?? '') : '';
}
