/**
 * Components of a program's own, from modules that the command line names. Nothing is ever loaded because a
 * configuration names it: a type in a file is only looked up among what is here already.
 */
import { readdirSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ComponentDefinition, definitionKinds, kinds } from '../../component/kinds.ts';
import { errorText, hasErrno, MillraceError } from '../../runtime/errors.ts';

const extensions = new Set(['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs']);
/** What lies beside a component and is none: its tests, its declarations. */
const beside = /\.(test|spec|d)\.[cm]?[jt]s$/;

/**
 * Loads every component that the modules export, by whatever name, alone or in a list. `paths`: absolute, of modules or
 * of folders, of which the modules directly in them are taken. Throws `PLUGIN_INVALID` that names file and export.
 */
export async function loadPlugins(paths: readonly string[]): Promise<readonly ComponentDefinition[]> {
  const found = new Map<string, { readonly definition: ComponentDefinition; readonly at: string }>();
  for (const path of paths) {
    for (const { file, isNamed } of modulesOf(path)) {
      const definitions = definitionsOf(await load(file), file);
      if (isNamed && definitions.length === 0) {
        throw invalid(file, 'it exports no component', 'Export what defineSource, defineSink, … give.');
      }
      for (const { definition, name } of definitions) {
        const at = `${file}, export ${name}`;
        for (const key of namesOf(definition)) {
          const other = found.get(key);
          if (other !== undefined && other.definition !== definition)
            throw invalid(
              file,
              `export ${name}: ${other.at} has ${key} already`,
              'Give one of them another type.',
            );
          found.set(key, { definition, at });
        }
      }
    }
  }
  return [...new Set([...found.values()].map(({ definition }) => definition))];
}

/** A module is named itself, or lies in a folder that is; there it may be something else beside the components. */
function modulesOf(path: string): readonly { file: string; isNamed: boolean }[] {
  try {
    if (!statSync(path).isDirectory()) {
      if (extensions.has(extname(path))) return [{ file: path, isNamed: true }];
      throw invalid(
        path,
        `it is no module: ${[...extensions].join(', ')} are`,
        'Name a module, or a folder of some.',
      );
    }
    return readdirSync(path)
      .filter((name) => extensions.has(extname(name)) && !beside.test(name) && !name.startsWith('.'))
      .toSorted()
      .map((name) => ({ file: join(path, name), isNamed: false }));
  } catch (error) {
    if (error instanceof MillraceError) throw error;
    const why = hasErrno(error, 'ENOENT') ? 'it is not there' : errorText(error);
    throw invalid(path, why, 'Check the path.', error);
  }
}

async function load(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    throw invalid(file, errorText(error), remedyOf(error, file), error);
  }
}

function remedyOf(error: unknown, file: string): string {
  if (hasErrno(error, 'ERR_UNKNOWN_FILE_EXTENSION'))
    return `Run Node 22.18 or newer, which takes TypeScript as it is, or compile ${basename(file)} to JavaScript.`;
  if (hasErrno(error, 'ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'))
    return 'Install what it imports where Node looks for it: in node_modules beside the module, or above it.';
  return 'Mend the module; `node FILE` shows where it fails.';
}

interface Exported {
  readonly name: string;
  readonly definition: ComponentDefinition;
}

function definitionsOf(module: Readonly<Record<string, unknown>>, file: string): readonly Exported[] {
  return Object.entries(module).flatMap(([name, value]) => {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.filter(isMeant).map((definition) => {
      const fault = faultOf(definition);
      if (fault !== null) {
        throw invalid(
          file,
          `export ${name}: ${fault}`,
          'Make it with defineSource, defineSink, … of millrace/component.',
        );
      }
      return { name, definition: definition as unknown as ComponentDefinition };
    });
  });
}

type Loose = Readonly<Record<string, unknown>>;

/** Whether this is to be a component: it has a kind and a maker. Whatever else a module exports is its own affair. */
function isMeant(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && 'kind' in value && 'create' in value;
}

function faultOf(value: Loose): string | null {
  const { kind, type, classNames, summary, options, create } = value;
  if (typeof kind !== 'string' || !(definitionKinds as readonly string[]).includes(kind))
    return `its kind ${JSON.stringify(kind)} is none; there are ${definitionKinds.join(', ')}`;
  if (typeof create !== 'function') return 'its create is no function';
  if (typeof summary !== 'string') return 'it has no summary';
  if (typeof options !== 'object' || options === null) return 'it has no options; write options: {} for none';
  if (!Array.isArray(classNames) || !classNames.every((name) => typeof name === 'string'))
    return 'its classNames are no list of texts; write classNames: [] for none';
  if (type !== undefined && typeof type !== 'string') return 'its type is no text';
  if (type === undefined && classNames.length === 0)
    return 'no configuration could name it: it has no type and no class names';
  return null;
}

/** `sink type json_lines`, `sink class org.example.Sink`: what no two may have. */
function namesOf({ kind, type, classNames }: ComponentDefinition): readonly string[] {
  const { noun } = kinds[kind];
  return [
    ...(type === undefined ? [] : [`${noun} type ${type.toLowerCase()}`]),
    ...classNames.map((name) => `${noun} class ${name}`),
  ];
}

function invalid(file: string, why: string, remedy: string, cause?: unknown): MillraceError {
  return new MillraceError('PLUGIN_INVALID', `plugin ${file}: ${why}`, { cause, remedy, details: { file } });
}
