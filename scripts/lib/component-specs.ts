/** Finds every component that is built, by the rule of the folders: `components/FAMILY/[NAME-]KIND.ts`. */
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type ComponentDefinition, definitionKinds } from '../../packages/millrace/src/component/kinds.ts';

export const componentsFolder = resolve(import.meta.dirname, '../../packages/millrace/src/components');

/** A component's spec, and the export that holds it. */
export interface FoundSpec {
  readonly family: string;
  /** `taildir/source.ts`. */
  readonly file: string;
  readonly exportName: string;
  readonly definition: ComponentDefinition;
}

/** In the order of kinds, families and names. Throws where a file that is named as a component defines none of its kind. */
export async function componentSpecs(): Promise<FoundSpec[]> {
  const found: FoundSpec[] = [];
  for (const kind of definitionKinds) {
    for (const family of familyFolders()) {
      for (const name of readdirSync(join(componentsFolder, family)).sort()) {
        if (name !== `${fileWord(kind)}.ts` && !name.endsWith(`-${fileWord(kind)}.ts`)) continue;
        const file = `${family}/${name}`;
        const module: Record<string, unknown> = await import(join(componentsFolder, file));
        const specs = Object.entries(module).filter(([, value]) => isSpec(value) && value.kind === kind);
        if (specs.length === 0) throw new Error(`components/${file}: defines no ${kind}; its name says so`);
        for (const [exportName, value] of specs) {
          found.push({ family, file, exportName, definition: value as ComponentDefinition });
        }
      }
    }
  }
  return found;
}

export function familyFolders(): string[] {
  return readdirSync(componentsFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** A kind as file names write it: `path-manager`. */
export const fileWord = (kind: string): string =>
  kind.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function isSpec(value: unknown): value is ComponentDefinition {
  return typeof value === 'object' && value !== null && 'kind' in value && 'classNames' in value;
}

/** How a component is called in headings and file names: its alias, or its class's simple name. */
export function shownType({
  type,
  classNames,
}: {
  readonly type?: string;
  readonly classNames: readonly string[];
}): string {
  if (type !== undefined) return type;
  const [name = '', folder = ''] = classNames[0]!.replace('$Builder', '').split('.').reverse();
  // Flume has a BlobHandler and a BLOBHandler, which are one file where names have no letter case.
  return /^blobhandler$/i.test(name) ? `${folder}.${name}` : name;
}
