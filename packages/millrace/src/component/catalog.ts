/** Finding a component's definition by the `type` that a configuration gives. */
import { nearest } from '../config/nearest.ts';
import { type ComponentDefinition, type DefinitionKind, type DefinitionOf, kinds } from './kinds.ts';

/** The names of one component, so that its code is loaded only when a configuration asks for it. */
export interface ComponentEntry<K extends DefinitionKind = DefinitionKind> {
  readonly kind: K;
  /** As its spec has it; matched in any letter case. */
  readonly type?: string;
  /** As its spec has them; matched exactly. */
  readonly classNames: readonly string[];
  load(): Promise<DefinitionOf[K]>;
}

/** A type that Flume has and Millrace hasn't. */
export interface UnbuiltType {
  readonly kind: DefinitionKind;
  readonly type?: string;
  readonly classNames: readonly string[];
  /** What to use instead, where there is something. */
  readonly instead?: string;
}

export type Lookup<D> =
  | { readonly found: true; readonly definition: D }
  | {
      readonly found: false;
      readonly code: 'unknown-type' | 'unsupported-type';
      readonly reason: string;
      readonly suggestion?: string;
    };

/** The definitions that one configuration needs, already loaded: what the pure part looks types up in. */
export interface Catalog {
  find<K extends DefinitionKind>(kind: K, type: string): Lookup<DefinitionOf[K]>;
}

/** All components that there are. `more` are a program's own; they go before those of the same name. */
export class Registry {
  readonly #entries: readonly ComponentEntry[];
  readonly #unbuilt: readonly UnbuiltType[];

  constructor(
    entries: readonly ComponentEntry[],
    unbuilt: readonly UnbuiltType[],
    more: readonly ComponentDefinition[] = [],
  ) {
    this.#entries = [...more.map(entryOf), ...entries];
    this.#unbuilt = unbuilt;
  }

  /** Loads what the given types name. Types that name nothing are for `find` to tell of. */
  async load(wanted: Iterable<{ kind: DefinitionKind; type: string }>): Promise<Catalog> {
    const loaded = new Map<ComponentEntry, ComponentDefinition>();
    for (const { kind, type } of wanted) {
      const entry = this.#entry(kind, type);
      if (entry !== undefined && !loaded.has(entry)) loaded.set(entry, await entry.load());
    }
    return {
      find: <K extends DefinitionKind>(kind: K, type: string): Lookup<DefinitionOf[K]> => {
        const entry = this.#entry(kind, type);
        const definition = entry === undefined ? undefined : loaded.get(entry);
        // An entry's definition is of the entry's kind, which is the kind that was asked for.
        if (definition !== undefined) return { found: true, definition: definition as DefinitionOf[K] };
        return this.#notFound(kind, type);
      },
    };
  }

  /** Every component that is built, the program's own first. */
  async all(): Promise<ComponentDefinition[]> {
    const found: ComponentDefinition[] = [];
    for (const entry of this.#entries) found.push(await entry.load());
    return found;
  }

  #entry(kind: DefinitionKind, type: string): ComponentEntry | undefined {
    return this.#entries.find((entry) => entry.kind === kind && isNamed(entry, type));
  }

  #notFound(kind: DefinitionKind, type: string): Lookup<never> {
    const unbuilt = this.#unbuilt.find((other) => other.kind === kind && isNamed(other, type));
    if (unbuilt !== undefined) {
      return {
        found: false,
        code: 'unsupported-type',
        reason: `${type} is a Flume ${kinds[kind].noun} that Millrace does not have yet`,
        ...(unbuilt.instead === undefined ? {} : { suggestion: unbuilt.instead }),
      };
    }
    const reason = `unknown ${kinds[kind].noun} type: ${type}`;
    const suggestion = this.#suggestion(kind, type);
    return {
      found: false,
      code: 'unknown-type',
      reason,
      ...(suggestion === undefined ? {} : { suggestion }),
    };
  }

  #suggestion(kind: DefinitionKind, type: string): string | undefined {
    const named = [...this.#entries, ...this.#unbuilt].filter((entry) => entry.kind === kind);
    const classNames = named.flatMap((entry) => entry.classNames);
    const sameLetters = classNames.find((name) => name.toLowerCase() === type.toLowerCase());
    if (sameLetters !== undefined) return `the case of a class name counts; write ${sameLetters}`;
    const bare = /^(.*?)\s+(?:#|!|\/\/|;)/.exec(type)?.[1];
    if (bare !== undefined) return `a comment needs a line of its own; write type = ${bare}`;
    const aliases = named.flatMap((entry) => (entry.type === undefined ? [] : [entry.type]));
    const builder = classNames.find((name) => name === `${type}$Builder`);
    if (builder !== undefined) return `did you mean ${builder}?`;
    const near = nearest(type, [...aliases, ...classNames, ...classNames.map(simpleName)]);
    // A class of somebody's own: its name can't be loaded, but bound.
    if (near === undefined && /^[a-z][\w-]*(\.[\w$-]+)+$/i.test(type))
      return `no Java class is loaded; give it a component of your own with classNames: ['${type}'], and name its module with --plugins`;
    if (near === undefined) return undefined;
    return `did you mean ${classNames.find((name) => simpleName(name) === near) ?? near}?`;
  }
}

const simpleName = (className: string): string => className.slice(className.lastIndexOf('.') + 1);

function isNamed(
  names: { readonly type?: string; readonly classNames: readonly string[] },
  type: string,
): boolean {
  return names.type?.toLowerCase() === type.toLowerCase() || names.classNames.includes(type);
}

function entryOf(definition: ComponentDefinition): ComponentEntry {
  return {
    kind: definition.kind,
    ...(definition.type === undefined ? {} : { type: definition.type }),
    classNames: definition.classNames,
    load: () => Promise.resolve(definition),
  };
}
