/**
 * Option kinds: how a component says which properties it takes. One spec feeds parsing, `millrace check`, the
 * reference pages and the typed API. Values follow Flume: booleans are true only for `true` in any case, numbers are
 * Java's parse after trim, nothing has a unit suffix (the unit is part of the property's meaning).
 */

import type { FindingCode } from './finding-codes.ts';
import type { Secret } from './secret.ts';

/** What every option kind has in common. */
interface OptionBase<T> {
  /** One sentence for the reference page. */
  readonly doc: string;
  readonly unit?: 'ms' | 's' | 'bytes' | 'events' | 'percent';
  /** Older names that still work; using one is a note that names the new one. */
  readonly oldNames?: readonly string[];
  /** Where the value comes from that is not written with the component. */
  readonly elsewhere?: Elsewhere;
  /** Accepted for compatibility but without effect; the text says why. `check` reports it. */
  readonly ignored?: string;
  /** The property of which this is an older form, with values of its own; using it is a note that names that one. */
  readonly replacedBy?: string;
  /** What it names belongs to this component alone while it runs; two that have the same get in one another's way. */
  readonly exclusive?: Exclusive;
  /** Flume's default; shown in the reference. Absent: the option has none. */
  readonly default?: T;
  readonly required?: boolean;
}

/** A port that is bound, or a file or folder that only one may write. */
export type Exclusive =
  | {
      readonly port: 'tcp' | 'udp';
      /** The option with the address; absent, or without a value: every address. */
      readonly host: string;
    }
  | {
      readonly path: 'file' | 'folder';
      /** What stands there, in a few words: `its positions`. */
      readonly holds: string;
    };

/** A setting of the whole process that stands for an option; it is read before the default, as Flume reads it. */
export interface Elsewhere {
  /** A system property (`-D`); it goes before the variable. */
  readonly property: string;
  /** A variable of the environment. */
  readonly variable: string;
  /** A list with commas, where the option has blanks. */
  readonly commas?: true;
}

export interface StringOption extends OptionBase<string> {
  readonly kind: 'string';
}
/** A password: a `Secret`, which no log, error, JSON or `check` shows; nor does the model of an agent. */
export interface SecretOption extends OptionBase<never> {
  readonly kind: 'secret';
}
/** How Flume's component reads a number. */
interface NumberRules {
  readonly min?: number;
  readonly max?: number;
  /** Java's type; beyond it the text is no number. Default: int (31 bits). */
  readonly java?: 'long';
  /** What a text that is no number does: drop the component (Flume's rule), or take the default. Default: drop. */
  readonly onBad?: 'drop' | 'default';
  /** What a number outside of `min` and `max` does; `clamp` takes the nearest one inside. Default: as `onBad`. */
  readonly onOutside?: 'drop' | 'default' | 'clamp';
  /** What Flume logs where it takes the default, of what was written, and the component's name. */
  readonly flumeSays?: (written: string, name: string) => string;
}
export interface IntOption extends OptionBase<number>, NumberRules {
  readonly kind: 'int';
}
/** So many bytes: a number of Java's type long. */
export interface BytesOption extends OptionBase<number>, NumberRules {
  readonly kind: 'bytes';
}
/**
 * A length of time in its unit. A number outside of its range is clamped unless the option says otherwise, and above
 * by what a number holds exactly in milliseconds (285,000 years): every timer of the program waits that long.
 */
export interface DurationOption extends OptionBase<number>, NumberRules {
  readonly kind: 'duration';
  readonly unit: 'ms' | 's';
}
export interface BooleanOption extends OptionBase<boolean> {
  readonly kind: 'boolean';
}
/** One of a closed set, in any letter case; the value is given in the spelling of `values`. */
export interface EnumOption<V extends string = string> extends OptionBase<V> {
  readonly kind: 'enum';
  readonly values: readonly V[];
  /** What another value does: drop the component, or count as the default, as in Flume. Default: drop. */
  readonly onBad?: 'drop' | 'default';
  /** What Flume's exception says of another value. */
  readonly flumeSays?: (written: string) => string;
}
/** Names split on white space (`separator` overrides it with a regular expression). */
export interface ListOption extends OptionBase<readonly string[]> {
  readonly kind: 'list';
  readonly separator?: RegExp;
}
/** Everything below `<name>.`, as a map: `header.NAME = x`, `kafka.producer.* = x`. */
export interface MapOption extends OptionBase<ReadonlyMap<string, string>> {
  readonly kind: 'map';
  /** The prefix (without its dot) where it is not the option's own name: `filegroups` is a list and a map at once. */
  readonly prefix?: string;
  /** Keys that are known to belong here: written elsewhere, they are told with their place. Others are taken, too. */
  readonly keys?: readonly string[];
}

/** A file or folder of this machine; `~` at its start is the user's home. */
export interface PathOption extends OptionBase<string> {
  readonly kind: 'path';
}
/** Servers, `host:port` each, separated by commas; at least one. */
export interface HostPortsOption extends OptionBase<readonly string[]> {
  readonly kind: 'hostPorts';
  /** The port that is usual, for what to write instead. */
  readonly usualPort: number;
  /** What Flume, or who reads them there, says when there is none. */
  readonly noneSays: string;
}

/** A property of another program that could not be used as it stands. */
export interface PropertyProblem {
  readonly key: string;
  readonly message: string;
  readonly suggestion?: string;
  /** That program refuses to start on this. */
  readonly fatal?: true;
}
/** How properties of another program are read. */
export interface PropertyReading<T> {
  /** All that are looked at. */
  readonly keys: readonly string[];
  /** Those that the process may say (`elsewhere`) where they are not written, by what is written. */
  elsewhere?(properties: ReadonlyMap<string, string>): Readonly<Record<string, Elsewhere>>;
  read(properties: ReadonlyMap<string, string>): T;
  problemsOf(value: T): readonly PropertyProblem[];
}
/** An option of the component that gives one of those properties where it is not written itself. */
export interface OwnForm {
  readonly option: string;
  /** The option's value, as text, to the property's; absent: it is the same. */
  readonly as?: Readonly<Record<string, string>>;
}
/** What stands below `<name>.`, read as another program reads its own properties: `kafka.producer.* = x`. */
export interface PropertiesOption<T = unknown> extends OptionBase<never> {
  readonly kind: 'properties';
  readonly reading: PropertyReading<T>;
  /** What the component sets unless it is written. */
  readonly defaults: Readonly<Record<string, string>>;
  /** Property → the option that is another form of it. */
  readonly own?: Readonly<Record<string, OwnForm>>;
}

/** Options that several components share, with one value; each stands under its own name. */
export interface GroupOption<S extends PlainSpec = PlainSpec> {
  readonly kind: 'group';
  readonly options: S;
}

/** Kinds of components that stand in an option of another component. */
export type PartKind = 'serializer' | 'deserializer' | 'pathManager' | 'httpHandler';

/** Another component, by its type; what stands below `<name>.` are that component's own options. */
export interface ComponentOption extends OptionBase<string> {
  readonly kind: 'component';
  readonly component: PartKind;
}

/** A component that an option names, found and configured; whoever knows its kind makes it. */
export interface ConfiguredPart {
  readonly type: string;
  readonly definition: object;
  readonly options: OptionValues<OptionSpec>;
}

export type Option =
  | StringOption
  | SecretOption
  | PathOption
  | HostPortsOption
  | PropertiesOption
  | IntOption
  | BytesOption
  | DurationOption
  | BooleanOption
  | EnumOption
  | ListOption
  | MapOption
  | ComponentOption;
/** Options by name, without groups. */
export type PlainSpec = Readonly<Record<string, Option>>;
export type OptionSpec = Readonly<Record<string, Option | GroupOption>>;

/** Every option under the name by which a configuration has it. */
export function plainSpec(spec: OptionSpec): PlainSpec {
  return Object.fromEntries(
    Object.entries(spec).flatMap(([name, option]) =>
      option.kind === 'group' ? Object.entries(option.options) : [[name, option] as const],
    ),
  );
}

type ValueOf<O extends Option> = O extends SecretOption
  ? Secret
  : O extends EnumOption<infer V>
    ? V
    : O extends PropertiesOption<infer T>
      ? T
      : O extends IntOption | DurationOption | BytesOption
        ? number
        : O extends BooleanOption
          ? boolean
          : O extends ListOption | HostPortsOption
            ? readonly string[]
            : O extends MapOption
              ? ReadonlyMap<string, string>
              : O extends ComponentOption
                ? ConfiguredPart
                : string;

type GivenValue<O> =
  O extends GroupOption<infer G>
    ? OptionValues<G>
    : O extends Option
      ? O extends
          | { required: true }
          | { default: string | number | boolean | readonly string[] }
          | ListOption
          | MapOption
          | PropertiesOption
        ? ValueOf<O>
        : ValueOf<O> | undefined
      : never;

/** The values a component gets: those with a default, required ones, lists, maps and groups are always there. */
export type OptionValues<S extends OptionSpec> = { readonly [K in keyof S]: GivenValue<S[K]> };

/** What to tell of one property of a component; shown at its place in the configuration. */
export interface OptionFinding {
  /**
   * The property, as the configuration writes it, relative to the component: `kafka.producer.acks`. Of several, the
   * first that is written there; an option's name stands for its old names, too. None is: the component's `type`.
   */
  readonly key: string | readonly string[];
  /** A sentence that names the property: `kafka.producer.acks: 'x' is none of 0, 1, -1, all`. */
  readonly message: string;
  /** What to do, as a clause; absent: what the table of codes says. */
  readonly suggestion?: string;
  /** Default: `invalid` of `validate`, `no-effect` of `notes`. */
  readonly code?: FindingCode;
}

/** A value with which the component can't work; `what` says why, behind the property's name. */
export function badValue(key: string, what: string, suggestion?: string): OptionFinding {
  const finding = { key, message: `${key}: ${what}`, code: 'bad-value' } as const;
  return suggestion === undefined ? finding : { ...finding, suggestion };
}

type Rest<O, K extends keyof O> = Omit<O, 'kind' | K>;

/** Makers that keep literal types, so that `OptionValues` knows what is always there. */
export const opt = {
  string: <const O extends Rest<StringOption, never>>(o: O) => ({ kind: 'string', ...o }) as const,
  secret: <const O extends Rest<SecretOption, never>>(o: O) => ({ kind: 'secret', ...o }) as const,
  int: <const O extends Rest<IntOption, never>>(o: O) => ({ kind: 'int', ...o }) as const,
  duration: <const U extends DurationOption['unit'], const O extends Rest<DurationOption, 'unit'>>(
    unit: U,
    o: O,
  ) => ({ kind: 'duration', unit, ...o }) as const,
  boolean: <const O extends Rest<BooleanOption, never>>(o: O) => ({ kind: 'boolean', ...o }) as const,
  enum: <const V extends string, const O extends Rest<EnumOption<V>, 'values'>>(values: readonly V[], o: O) =>
    ({ kind: 'enum', values, ...o }) as const,
  bytes: <const O extends Rest<BytesOption, 'unit' | 'java'>>(o: O) =>
    ({ kind: 'bytes', unit: 'bytes', java: 'long', ...o }) as const,
  path: <const O extends Rest<PathOption, never>>(o: O) => ({ kind: 'path', ...o }) as const,
  hostPorts: <const O extends Rest<HostPortsOption, never>>(o: O) => ({ kind: 'hostPorts', ...o }) as const,
  properties: <T>(reading: PropertyReading<T>, o: Rest<PropertiesOption, 'reading'>) =>
    ({ kind: 'properties', reading, ...o }) as PropertiesOption<T>,
  group: <const S extends PlainSpec>(options: S) => ({ kind: 'group', options }) as const,
  list: <const O extends Rest<ListOption, never>>(o: O) => ({ kind: 'list', ...o }) as const,
  component: <const O extends Rest<ComponentOption, 'component'>>(component: PartKind, o: O) =>
    ({ kind: 'component', component, ...o }) as const,
  map: <const O extends Rest<MapOption, never>>(o: O) => ({ kind: 'map', ...o }) as const,
};
