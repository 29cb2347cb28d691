/**
 * Writes what follows from the components' own specs and from the table of finding codes:
 * `components/index.ts`, `docs/components.md` with a page per component below `docs/components/`, `docs/findings.md`;
 * `docs/broker-settings.md` and `docs/broker-apis.md` from the broker's table of settings and its handlers; and the JSON
 * schemas of what `millrace check --json` and `millrace explain --json` print.
 *
 *     npm run generate                                write them
 *     node scripts/generate-components.ts --check     say which are stale; exit 1 when there is one
 */
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { brokerApisPage } from './lib/broker-apis-page.ts';
import { settingsPage } from './lib/broker-settings-page.ts';
import { componentPages } from './lib/component-pages.ts';
import { componentSpecs, type FoundSpec } from './lib/component-specs.ts';
import { findingsPage } from './lib/findings-page.ts';
import { reportSchemas } from './lib/report-schemas.ts';

const root = resolve(import.meta.dirname, '..');
const indexFile = 'packages/millrace/src/components/index.ts';

/** Path → content, for all of them. */
export async function generatedFiles(): Promise<Map<string, string>> {
  const specs = await componentSpecs();
  return new Map([
    [indexFile, indexOf(specs)],
    ...componentPages(specs.map(({ definition }) => definition)),
    ['docs/findings.md', findingsPage()],
    ['docs/broker-settings.md', settingsPage()],
    ['docs/broker-apis.md', brokerApisPage()],
    ...reportSchemas(),
  ]);
}

/** What is missing, differs, or is left over. */
export function staleFiles(files: ReadonlyMap<string, string>): string[] {
  const stale = [...files]
    .filter(
      ([path, text]) => !existsSync(join(root, path)) || readFileSync(join(root, path), 'utf8') !== text,
    )
    .map(([path]) => path);
  return [...stale, ...leftOver(files)];
}

function leftOver(files: ReadonlyMap<string, string>): string[] {
  return globSync('docs/components/**/*.md', { cwd: root }).filter((path) => !files.has(path));
}

/** The names of every component, so that its code is loaded only when a configuration asks for it. */
function indexOf(specs: readonly FoundSpec[]): string {
  const entries = specs.map(({ file, exportName, definition: { kind, type, classNames } }) => {
    const lines = [
      `kind: '${kind}',`,
      ...(type === undefined ? [] : [`type: '${type}',`]),
      `classNames: [${classNames.map((name) => `'${name}'`).join(', ')}],`,
      `load: async () => (await import('./${file}')).${exportName},`,
    ];
    return `  {\n${lines.map((line) => `    ${line}\n`).join('')}  },\n`;
  });
  return `// Generated from the specs of the components by \`npm run generate\`. Do not edit.
import type { ComponentEntry } from '../component/catalog.ts';

export const componentEntries: readonly ComponentEntry[] = [
${entries.join('')}];
`;
}

if (import.meta.main) {
  const files = await generatedFiles();
  if (process.argv.includes('--check')) {
    const stale = staleFiles(files);
    for (const path of stale) console.error(`${path} is stale: npm run generate`);
    process.exitCode = stale.length === 0 ? 0 : 1;
  } else {
    for (const path of leftOver(files)) rmSync(join(root, path));
    for (const [path, text] of files) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
  }
}
