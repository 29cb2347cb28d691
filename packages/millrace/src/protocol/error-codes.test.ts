import { expect, it } from 'vitest';
import { errorCodeOf, kafkaErrorOf, kafkaErrors } from './error-codes.ts';

it('has the errors of Kafka 4.3', () => {
  const all = Object.values(kafkaErrors);
  expect(all).toHaveLength(135);
  expect(all.filter((error) => error.retriable)).toHaveLength(32);
  expect(new Set(all.map((error) => error.code)).size).toBe(135);
});

it('finds an error by code and by name', () => {
  expect(errorCodeOf('UNKNOWN_TOPIC_OR_PARTITION')).toBe(3);
  expect(kafkaErrorOf(6)).toEqual({ name: 'NOT_LEADER_OR_FOLLOWER', code: 6, retriable: true });
  expect(kafkaErrorOf(0).name).toBe('NONE');
  expect(kafkaErrorOf(-1).name).toBe('UNKNOWN_SERVER_ERROR');
  expect(kafkaErrorOf(9999).name).toBe('UNKNOWN_SERVER_ERROR');
});
