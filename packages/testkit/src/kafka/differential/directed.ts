/** Cases that chance would not meet: each is asked of both brokers, and what Kafka answers is what is right. */
import { adminCases } from './directed-admin.ts';
import { recordCases } from './directed-records.ts';
import type { Scenario } from './scenario.ts';

export const directedScenarios: readonly Scenario[] = Object.entries({ ...recordCases, ...adminCases }).map(
  ([name, run]) => ({ name, run }),
);
