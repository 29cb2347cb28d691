/** What the Kafka components share in reading their `kafka.producer.*` and `kafka.consumer.*`. */
import type { PropertyProblem } from './properties.ts';

/** The properties as a component gives them, with its own defaults below and what it decides itself above. */
export function withDefaults(
  given: ReadonlyMap<string, string>,
  defaults: Readonly<Record<string, string>>,
  decided: Readonly<Record<string, string>> = {},
): ReadonlyMap<string, string> {
  return new Map([...Object.entries(defaults), ...given, ...Object.entries(decided)]);
}

/** Reasons why the component cannot be configured. */
export function fatalProblems(prefix: string, problems: readonly PropertyProblem[]): string[] {
  return problems
    .filter(({ fatal }) => fatal === true)
    .map(({ key, message }) => `${prefix}.${key}: ${message}`);
}

/** Properties that have no effect; none of them stops the component. */
export function problemNotes(prefix: string, problems: readonly PropertyProblem[]): PropertyProblem[] {
  return problems
    .filter(({ fatal }) => fatal !== true)
    .map(({ key, ...rest }) => ({ ...rest, key: `${prefix}.${key}` }));
}
