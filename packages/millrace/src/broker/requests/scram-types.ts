import type { ScramMechanism } from '../../protocol/sasl/scram.ts';

/** Kafka's `ScramMechanism.type`. */
const types: readonly (readonly [number, ScramMechanism])[] = [
  [1, 'SCRAM-SHA-256'],
  [2, 'SCRAM-SHA-512'],
];

export const scramOfType = (type: number): ScramMechanism | undefined =>
  types.find(([each]) => each === type)?.[1];

export const scramTypeOf = (mechanism: ScramMechanism): number =>
  types.find(([, each]) => each === mechanism)![0];
