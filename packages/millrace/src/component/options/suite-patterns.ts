/**
 * Cipher suites by patterns: Jetty, under Flume's http source, takes each entry of the two lists for a Java pattern that
 * has to match a suite's whole name (`SslContextFactory.processIncludeCipherSuites`); Flume's other components compare names.
 */
import type { OptionFinding } from '../../config/options.ts';
import { javaRegex } from '../../java/regex.ts';
import { cipherSuites } from '../../net/tls/cipher-suites.ts';
import { errorText } from '../../runtime/errors.ts';

interface SuiteLists {
  readonly 'include-cipher-suites': readonly string[];
  readonly 'exclude-cipher-suites': readonly string[];
}

const lists = ['include-cipher-suites', 'exclude-cipher-suites'] as const;

function problemOf(pattern: string): string | null {
  try {
    javaRegex(pattern, { fullMatch: true });
    return null;
  } catch (error) {
    return errorText(error);
  }
}

/** Entries that are no pattern. With one Jetty does not start. */
export function suitePatternFaults(options: SuiteLists & { readonly ssl: boolean }): OptionFinding[] {
  if (!options.ssl) return [];
  return lists.flatMap((key) =>
    options[key].flatMap((pattern): OptionFinding[] => {
      const problem = problemOf(pattern);
      return problem === null ? [] : [{ key, message: `${key}: ${problem}`, code: 'bad-value' }];
    }),
  );
}

/** The same options with the suites that the patterns name; an entry that names none stays, so that it can be told. */
export function withSuitesNamed<T extends SuiteLists>(options: T): T {
  const named = (patterns: readonly string[]) => [...new Set(patterns.flatMap(suitesOf))];
  return {
    ...options,
    'include-cipher-suites': named(options['include-cipher-suites']),
    'exclude-cipher-suites': named(options['exclude-cipher-suites']),
  };
}

function suitesOf(pattern: string): string[] {
  if (cipherSuites.has(pattern) || problemOf(pattern) !== null) return [pattern];
  const regex = javaRegex(pattern, { fullMatch: true });
  const found = [...cipherSuites.keys()].filter((name) => regex.test(name));
  return found.length > 0 ? found : [pattern];
}
