import { createRequire } from 'node:module';

const requireHere = createRequire(import.meta.url);

/**
 * A package that is loaded when it is first asked for: a native codec costs milliseconds and megabytes of every start,
 * also of one that never meets that codec.
 */
export function onFirstUse<T>(packageName: string): () => T {
  let loaded: T | undefined;
  return () => {
    loaded ??= requireHere(packageName) as T;
    return loaded;
  };
}
