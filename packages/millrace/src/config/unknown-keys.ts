/** Properties that nothing reads: each is told, with what was probably meant. */
import { nearest } from './nearest.ts';
import type { OptionReport } from './option-report.ts';
import type { Option, PlainSpec } from './options.ts';
import type { ComponentProperties, Place, Property } from './properties-model.ts';

/** Findings of one component; a damaged file must not fill the memory with messages. */
const mostDiagnostics = 1000;

export interface UnknownKeysInput {
  readonly properties: ComponentProperties;
  readonly spec: PlainSpec;
  /** Keys that were read. */
  readonly read: ReadonlySet<string>;
  /** Keys that somebody else reads. */
  readonly isCommon?: ((key: string) => boolean) | undefined;
  /** Names of those, for "did you mean". */
  readonly commonNames?: readonly string[] | undefined;
  readonly place: Place;
}

export function tellUnknownKeys(input: UnknownKeysInput, report: OptionReport): void {
  const { properties, read, isCommon, place } = input;
  let more = 0;
  for (const [key, property] of properties) {
    if (read.has(key) || isCommon?.(key) === true) continue;
    if (report.diagnostics.length >= mostDiagnostics) {
      more++;
      continue;
    }
    tellUnknownKey(key, property, input, report);
  }
  if (more > 0) {
    report.tell(place, 'too-many', `${report.component}: ${more} more unknown properties are ignored`);
  }
}

function tellUnknownKey(
  key: string,
  { keyPlace }: Property,
  { spec, commonNames = [] }: UnknownKeysInput,
  report: OptionReport,
): void {
  const names = [...commonNames];
  const misplaced: string[] = [];
  for (const [name, option] of Object.entries(spec)) {
    const inners = innerKeys(option);
    if (inners === undefined) {
      names.push(name);
      continue;
    }
    const prefix = (option.kind === 'map' ? option.prefix : undefined) ?? name;
    const family = prefix.split('.', 1)[0];
    for (const inner of inners) {
      const full = `${prefix}.${inner}`;
      names.push(full);
      // `group.id` or `kafka.group.id` for `kafka.consumer.group.id`
      if (key === inner || key === `${family}.${inner}`) misplaced.push(full);
    }
  }
  if (misplaced.length === 0) {
    const [longest] = names
      .filter((name) => name.endsWith(`.${key}`) || key.endsWith(`.${name}`))
      .sort((a, b) => b.length - a.length);
    if (longest !== undefined) misplaced.push(longest);
  }
  const near = misplaced.length > 0 ? misplaced.join(' or ') : nearest(key, names);
  report.tell(
    keyPlace,
    misplaced.length > 0 ? 'misplaced-key' : 'unknown-key',
    `${report.component} has no property ${key}: it is ignored`,
    near === undefined ? undefined : `did you mean ${near}?`,
  );
}

/** Keys below an option's prefix that are known; undefined: the option is one property. */
function innerKeys(option: Option): readonly string[] | undefined {
  if (option.kind === 'properties') return option.reading.keys;
  return option.kind === 'map' ? (option.keys ?? []) : undefined;
}
