import { propertiesOf } from '../agent/configuration/load-config.ts';
import type { ConfigText } from '../agent/configuration/origin/config-origin.ts';

/**
 * What texts say of one agent, in a form that is equal when it says the same. Comments and the order of lines mean
 * nothing, a later text overrides an earlier one.
 */
export function ownLines(texts: readonly ConfigText[], agent: string): string {
  const lines = [...propertiesOf(texts).properties.values()]
    .filter(({ key }) => key.startsWith(`${agent}.`))
    .map(({ key, value }) => JSON.stringify([key, value]));
  return lines.sort().join('\n');
}
