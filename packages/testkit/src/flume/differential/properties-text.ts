/** A case as the text of a Java properties file, in the many ways in which one may be written. */
import { type Case, type Group, type Line, type Place, placed } from './case.ts';

const groups: readonly Group[] = ['configfilters', 'sources', 'channels', 'sinks', 'sinkgroups'];

/** Beyond ASCII everything is escaped: Flume reads bytes as ISO-8859-1. */
const escapes = (text: string) =>
  [...text.replaceAll('\\', '\\\\')]
    .flatMap((sign) => [...Array(sign.length).keys()].map((i) => sign.charAt(i)))
    .map((unit) =>
      unit >= ' ' && unit <= '~' ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
    .join('');
/** A blank at the start of a value would be taken for the separator's. */
const escapedValue = (value: string) => escapes(value).replace(/^ /, '\\ ');
const escapedKey = (key: string) => escapes(key).replace(/[ =:#!]/g, '\\$&');

/** The ways to write `key` and `value`, escaped already. All mean the same. */
const styles: readonly ((key: string, value: string) => string)[] = [
  (key, value) => `${key} = ${value}`,
  (key, value) => `${key}=${value}`,
  (key, value) => `${key}: ${value}`,
  (key, value) => `  ${key} ${value}`,
  (key, value) => `${key}\t=\t${value}\t `,
  (key, value) => `${key} = \\\n    ${value}`,
  // Within a pair of backslashes, or before blanks that would be lost, nothing may be cut.
  (key, value) => {
    const at = value.search(/[A-Za-z0-9][A-Za-z0-9]/) + 1;
    return at === 0 ? `${key} = ${value}` : `${key} = ${value.slice(0, at)}\\\n\t${value.slice(at)}`;
  },
  (key, value) => `# a comment \\\n${key} = ${value}`,
  (key, value) => `! ${key} = other\n\n${key} = ${value}`,
  (key, value) => `${key} = overridden\n${key} = ${value}`,
  (key, value) => `${key} =${value}\r`,
  (key, value) => `\\u${key.charCodeAt(0).toString(16).padStart(4, '0')}${key.slice(1)} = ${value}`,
];
export const styleCount = styles.length;

function written(key: string, value: string, style: number): string {
  return styles[style % styles.length]!(escapedKey(key), escapedValue(value));
}

/** The file of a case, for agent a1. */
export function propertiesText(given: Case, place: Place): string {
  const lines: string[] = [];
  const add = ({ key, value, style }: Line) =>
    lines.push(written(placed(`a1.${key}`, place), placed(value, place), style));
  for (const group of groups) {
    const members = given.components.filter((each) => each.group === group);
    const listed = members.filter((each) => each.listed).map(({ name }) => `«${name}»`);
    if (listed.length > 0) add({ key: group, value: listed.join(' '), style: 0 });
    for (const { name, lines: own } of members)
      for (const { key, value, style } of own) add({ key: `${group}.«${name}».${key}`, value, style });
  }
  return `${[...lines, ...given.extra.map((text) => placed(text, place))].join('\n')}\n`;
}
