/** Values for a property, as its option's kind and range tell them, good ones, those at the edges and wrong ones. */
import type { Option } from '../../../../millrace/src/config/options.ts';
import type { Chance } from '../../oracle/seed.ts';
import type { FlumeProperty } from '../property-lists/table.ts';

const noNumbers = ['1k', 'abc', '1.5', '0x10', '-', '1 2', '1e3', '5 # five', '٣x'];
const words = ['x', 'a b', 'X,Y', 'é', '%{h}', 'a/../b', '#', `$\{nosuch}`, '\\d+'];
/** Texts that something may stumble over, wherever they are read: as a path, a pattern, an escape, a list, a number, a name. */
const hostile = [
  ...words,
  ...'.. / a//b ~ . C:\\x ( [ * + ? { } ) a| ^$ (?<x> \\ a\\ \\1 \\x \\u00 % %% %{ %{} %[ %{a %Q %t%n'.split(
    ' ',
  ),
  ...`$ $1 $\{ $\{} $\{x , a,,b : a:b:c = ! ; ' " < &amp; | - -- _ @ @# a@b a/b 0 -1 1 true null NaN none default`.split(
    ' ',
  ),
  ...['é😀', '\u00a0', 'İ', 'ß', '\u2028', '\ufeff', '\0', 'a\tb', ' , ', '`', 'x'.repeat(3000)],
];

/** One of them. */
export const drawHostile = (chance: Chance): string => chance.pick(hostile);

function numbers(option: Option | undefined, isLong: boolean): string[] {
  const { min, max } =
    option !== undefined && 'min' in option ? option : ({} as { min?: number; max?: number });
  const bounds = [min, max].flatMap((bound) => (bound === undefined ? [] : [bound - 1, bound, bound + 1]));
  const top = isLong ? 2n ** 63n : 2n ** 31n;
  return [
    ...bounds.map((bound) => BigInt(Math.trunc(bound)).toString()),
    ...['0', '1', '-1', '2', '+3', '007', '100', '٣', '-0'],
    ...[String(top - 1n), String(top), String(-top), String(-top - 1n)],
  ];
}

const letterCases = (chance: Chance, text: string) =>
  chance.pick([text, text, text.toUpperCase(), text.toLowerCase(), text[0]!.toUpperCase() + text.slice(1)]);

/** A value for it. `wrong`: how likely it is one that means nothing. */
export function drawValue(
  chance: Chance,
  property: FlumeProperty,
  option: Option | undefined,
  wrong = 0.25,
): string {
  const bad = chance.bool(wrong);
  if (property.type === 'int' || property.type === 'long') {
    if (bad) return chance.pick(noNumbers);
    const { default: fallback } = property;
    const known = fallback === undefined || chance.bool(0.7) ? [] : [fallback];
    return chance.pick(known.length > 0 ? known : numbers(option, property.type === 'long'));
  }
  if (property.type === 'boolean')
    return bad ? chance.pick(['yes', '1', 'on', 'x']) : chance.pick(['true', 'TRUE', 'false', 'True']);
  const values = property.values ?? (option?.kind === 'enum' ? option.values : undefined);
  if (values !== undefined)
    return bad ? chance.pick(['nosuch', 'a b']) : letterCases(chance, chance.pick(values));
  if (/charset|encoding/i.test(property.name))
    return bad ? chance.pick(['nosuch', 'a b']) : chance.pick(['UTF-8', 'utf8', 'ISO-8859-1', 'US-ASCII']);
  return property.default !== undefined && property.default !== '' && chance.bool(0.4)
    ? property.default
    : chance.pick(words);
}
