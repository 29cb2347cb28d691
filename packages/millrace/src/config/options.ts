/**
 * Option kinds: how a component says which properties it takes. One spec feeds parsing, `millrace check`, the
 * reference pages and the typed API. Values follow Flume: booleans are true only for `true` in any case, numbers are
 * Java's parse after trim, nothing has a unit suffix (the unit is part of the property's meaning).
 */

import type { FindingCode } from './finding-codes.ts';

/** What every option kind has in common. */
interface OptionBase<T> {
  /** One sentence for the reference page. */
  readonly doc: string;
  readonly unit?: 'ms' | 's' | 'bytes' | 'events' | 'percent';
  /** Older names that still work; using one is a note that names the new one. */
  readonly oldNames?: readonly string[];
  /** The value is never shown in logs, errors or `check`. */
  readonly secret?: boolean;
  /** Accepted for compatibility but without effect; the text says why. `check` reports it. */
  readonly ignored?: string;
  /** The property of which this is an older form, with values of its own; using it is a note that names that one. */
  readonly replacedBy?: string;
  /** Flume's default; shown in the reference. Absent: the option has none. */
  readonly default?: T;
  readonly required?: boolean;
}

export interface StringOption extends OptionBase<string> {
  readonly kind: 'string';
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
  /** What Flume logs where it takes the default, of what was written. */
  readonly flumeSays?: (written: string) => string;
}
export interface IntOption extends OptionBase<number>, NumberRules {
  readonly kind: 'int';
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

/** Kinds of components that stand in an option of another component. */
export type PartKind = 'serializer' | 'pathManager';

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
  | IntOption
  | DurationOption
  | BooleanOption
  | EnumOption
  | ListOption
  | MapOption
  | ComponentOption;
export type OptionSpec = Readonly<Record<string, Option>>;

type ValueOf<O extends Option> =
  O extends EnumOption<infer V>
    ? V
    : O extends IntOption | DurationOption
      ? number
      : O extends BooleanOption
        ? boolean
        : O extends ListOption
          ? readonly string[]
          : O extends MapOption
            ? ReadonlyMap<string, string>
            : O extends ComponentOption
              ? ConfiguredPart
              : string;

/** The values a component gets: those with a default, required ones, lists and maps are always there. */
export type OptionValues<S extends OptionSpec> = {
  readonly [K in keyof S]: S[K] extends
    | { required: true }
    | { default: string | number | boolean | readonly string[] }
    | ListOption
    | MapOption
    ? ValueOf<S[K]>
    : ValueOf<S[K]> | undefined;
};

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

type Rest<O, K extends keyof O> = Omit<O, 'kind' | K>;

/** Makers that keep literal types, so that `OptionValues` knows what is always there. */
export const opt = {
  string: <const O extends Rest<StringOption, never>>(o: O) => ({ kind: 'string', ...o }) as const,
  int: <const O extends Rest<IntOption, never>>(o: O) => ({ kind: 'int', ...o }) as const,
  duration: <const U extends DurationOption['unit'], const O extends Rest<DurationOption, 'unit'>>(
    unit: U,
    o: O,
  ) => ({ kind: 'duration', unit, ...o }) as const,
  boolean: <const O extends Rest<BooleanOption, never>>(o: O) => ({ kind: 'boolean', ...o }) as const,
  enum: <const V extends string, const O extends Rest<EnumOption<V>, 'values'>>(values: readonly V[], o: O) =>
    ({ kind: 'enum', values, ...o }) as const,
  list: <const O extends Rest<ListOption, never>>(o: O) => ({ kind: 'list', ...o }) as const,
  component: <const O extends Rest<ComponentOption, 'component'>>(component: PartKind, o: O) =>
    ({ kind: 'component', component, ...o }) as const,
  map: <const O extends Rest<MapOption, never>>(o: O) => ({ kind: 'map', ...o }) as const,
};
