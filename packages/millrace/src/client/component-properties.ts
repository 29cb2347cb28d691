/** What the Kafka components share in reading their `kafka.producer.*` and `kafka.consumer.*`. */
import type { Diagnostic } from '../runtime/diagnostics.ts';
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

/** Tells of properties that have no effect; none of them stops the component. */
export function reportProblems(
  context: { readonly name: string; report(diagnostic: Diagnostic): void },
  prefix: string,
  problems: readonly PropertyProblem[],
): void {
  for (const { key, message, suggestion } of problems) {
    context.report({
      file: '',
      line: 0,
      column: 0,
      severity: 'warning',
      code: 'kafka-property',
      message: `${context.name}: ${prefix}.${key} ${message}`,
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  }
}
