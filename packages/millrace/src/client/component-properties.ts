/** What the Kafka components share in reading their `kafka.producer.*` and `kafka.consumer.*`. */
import type { OptionFinding } from '../config/options.ts';
import type { PropertyProblem } from './properties.ts';

/** The properties as a component gives them, with its own defaults below and what it decides itself above. */
export function withDefaults(
  given: ReadonlyMap<string, string>,
  defaults: Readonly<Record<string, string>>,
  decided: Readonly<Record<string, string>> = {},
): ReadonlyMap<string, string> {
  return new Map([...Object.entries(defaults), ...given, ...Object.entries(decided)]);
}

/**
 * Reasons why the component cannot be configured. `ownNames`: options of the component that give a property of Kafka's,
 * `acks` → `requiredAcks`.
 */
export function fatalProblems(
  prefix: string,
  problems: readonly PropertyProblem[],
  ownNames: Readonly<Record<string, string>> = {},
): OptionFinding[] {
  return problems.flatMap(({ fatal, key, message, suggestion }) => {
    if (fatal !== true) return [];
    const full = `${prefix}.${key}`;
    const own = Object.hasOwn(ownNames, key) ? [ownNames[key]!] : [];
    return [
      {
        key: [full, ...own],
        message: `${full}: ${message}`,
        ...(suggestion === undefined ? {} : { suggestion }),
      },
    ];
  });
}

/** Properties that have no effect; none of them stops the component. */
export function problemNotes(prefix: string, problems: readonly PropertyProblem[]): OptionFinding[] {
  return problems.flatMap(({ fatal, key, message, suggestion }) => {
    if (fatal === true) return [];
    const full = `${prefix}.${key}`;
    return [
      { key: full, message: `${full} ${message}`, ...(suggestion === undefined ? {} : { suggestion }) },
    ];
  });
}
