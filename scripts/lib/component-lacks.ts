import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DefinitionKind } from '../../packages/millrace/src/component/kinds.ts';
import { componentsFolder, type FoundSpec, fileWord, shownType } from './component-specs.ts';

const docs = resolve(import.meta.dirname, '../../docs/components');
/** Kinds with a contract suite. */
const contracts: ReadonlySet<DefinitionKind> = new Set([
  ...(['source', 'channel', 'sink', 'interceptor', 'deserializer', 'httpHandler'] as const),
]);

/** What components do not have that every one must: a sentence each. */
export function lacks(specs: readonly FoundSpec[]): string[] {
  return specs.flatMap(({ file, definition }) => {
    const { kind, example = '' } = definition;
    const stem = file.replace(/\.ts$/, '');
    const family = file.replace(/\/.*/, '');
    const missing: string[] = [];
    const has = (path: string): boolean => existsSync(join(componentsFolder, path));
    if (contracts.has(kind)) {
      const suite = `${stem}.contract.test.ts`;
      if (!has(suite))
        missing.push(`${suite.replace(/.*\//, '')}, which holds it to the contract of its kind`);
    } else if (!has(`${stem}.test.ts`) && !has(`${family}/${fileWord(kind)}s.test.ts`)) {
      missing.push(`${stem.replace(/.*\//, '')}.test.ts, or ${fileWord(kind)}s.test.ts for the family`);
    }
    if (example.trim() === '') missing.push('an example in its spec');
    const page = `${kind}/${shownType(definition)}.md`;
    if (!existsSync(join(docs, page))) missing.push(`docs/components/${page}: npm run generate`);
    return missing.map((what) => `components/${file} lacks ${what}`);
  });
}
