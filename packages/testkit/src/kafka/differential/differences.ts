/** Lays the answers of two brokers side by side, field by field. */
import type { ApiName } from '../../../../millrace/src/protocol/messages.ts';
import type { Value } from '../protocol-messages.ts';
import type { Exchange } from './peer.ts';

export interface Difference {
  readonly scenario: string;
  readonly api: ApiName;
  readonly version: number;
  /** `topics[].partitions[].errorCode`; empty where one answered and the other did not. */
  readonly field: string;
  readonly kafka: unknown;
  readonly millrace: unknown;
  readonly request: unknown;
}

export function compareExchanges(
  scenario: string,
  kafka: readonly Exchange[],
  millrace: readonly Exchange[],
): Difference[] {
  if (kafka.length !== millrace.length)
    throw new Error(`${scenario}: ${kafka.length} answers of Kafka, ${millrace.length} of Millrace`);
  return kafka.flatMap((each, i) => {
    const { api, version, request } = each;
    const found: Omit<Difference, 'scenario' | 'api' | 'version' | 'request'>[] = [];
    compare('', each.reply, millrace[i]!.reply, (field, a, b) =>
      found.push({ field, kafka: a, millrace: b }),
    );
    return found.map((difference) => ({ scenario, api, version, request, ...difference }));
  });
}

function compare(
  field: string,
  a: Value | undefined,
  b: Value | undefined,
  tell: (field: string, a: unknown, b: unknown) => void,
): void {
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) tell(`${field}[]`, onlyIn(a, b), onlyIn(b, a));
    else a.forEach((each, i) => void compare(`${field}[]`, each as Value, b[i] as Value, tell));
    return;
  }
  if (isStruct(a) && isStruct(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      compare(field === '' ? key : `${field}.${key}`, a[key], b[key], tell);
    }
    return;
  }
  if (a !== b) tell(field, a, b);
}

function onlyIn(a: readonly unknown[], b: readonly unknown[]): unknown[] {
  const others = new Set(b.map((each) => JSON.stringify(each)));
  return a.filter((each) => !others.has(JSON.stringify(each)));
}

function isStruct(value: unknown): value is { readonly [field: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);
}

/** One difference in lines for a person. */
export function tellDifference(difference: Difference): string {
  const { scenario, api, version, field, kafka, millrace, request } = difference;
  const show = (value: unknown) =>
    JSON.stringify(value, (_, each) => (each?.type === 'Buffer' ? `${each.data.length} bytes` : each))?.slice(
      0,
      600,
    );
  return [
    `${api} v${version} ${field === '' ? '(the answer itself)' : field}   [${scenario}]`,
    `  kafka    ${show(kafka)}`,
    `  millrace ${show(millrace)}`,
    `  request  ${show(request)}`,
  ].join('\n');
}
