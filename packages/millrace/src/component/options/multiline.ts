import { type OptionFinding, type OptionValues, opt } from '../../config/options.ts';
import { patternFaults } from '../../config/pattern-faults.ts';
import { javaRegex } from '../../java/regex.ts';
import type { LineGroupRule } from '../../records/line-groups.ts';

/** Which lines are one event, for whoever cuts lines; off unless a pattern is given. Flume has nothing like it. */
export const lineGroupOptions = {
  'multiline.startPattern': opt.string({
    doc: 'A Java regular expression: a line in which it is found begins an event. Alone: all other lines belong to the event before.',
  }),
  'multiline.continuationPattern': opt.string({
    doc: 'A Java regular expression: a line in which it is found belongs to the event before. Beside a startPattern, which goes first: a line of neither is an event of its own.',
  }),
  'multiline.maxLines': opt.int({
    doc: 'Most lines of an event; what follows is the next event.',
    default: 500,
    min: 1,
    onOutside: 'clamp',
  }),
  'multiline.maxBytes': opt.bytes({
    doc: 'Most bytes of an event of several lines; the line that would exceed it begins the next event.',
    default: 1_000_000,
    min: 1,
    onOutside: 'clamp',
  }),
};
type LineGroupValues = OptionValues<typeof lineGroupOptions>;

/** The same, for what is read while it is written. */
export const multilineOptions = {
  ...lineGroupOptions,
  'multiline.timeout': opt.duration('ms', {
    doc: 'An event goes on when nothing has come for so long; what comes later is the next event.',
    default: 1000,
    min: 1,
  }),
};

/** Null: each line is an event. */
export function lineGroupRule(values: LineGroupValues): LineGroupRule | null {
  const { 'multiline.maxLines': maxLines, 'multiline.maxBytes': maxBytes } = values;
  const start = regexOf(values['multiline.startPattern']);
  const continuation = regexOf(values['multiline.continuationPattern']);
  const limits = { maxLines, maxBytes };
  if (continuation === null) return start === null ? null : { ...limits, begins: (line) => start.test(line) };
  if (start === null) return { ...limits, begins: (line) => !continuation.test(line) };
  return { ...limits, begins: (line) => start.test(line) || !continuation.test(line) };
}

const regexOf = (pattern: string | undefined): RegExp | null =>
  pattern === undefined ? null : javaRegex(pattern);

const patternKeys = ['multiline.startPattern', 'multiline.continuationPattern'] as const;

export function lineGroupFaults(values: LineGroupValues): OptionFinding[] {
  return patternKeys.flatMap((key) => patternFaults(key, values[key] ?? ''));
}

/** What was set for events of several lines where there are none. */
export function lineGroupNotes(
  values: LineGroupValues & Partial<OptionValues<typeof multilineOptions>>,
): OptionFinding[] {
  if (patternKeys.some((key) => values[key] !== undefined)) return [];
  const limits = ['multiline.maxLines', 'multiline.maxBytes', 'multiline.timeout'] as const;
  return limits.flatMap((key): OptionFinding[] => {
    if ((values[key] ?? multilineOptions[key].default) === multilineOptions[key].default) return [];
    const message = `${key} has no effect without a pattern: each line is an event`;
    return [{ key, message, suggestion: 'add multiline.startPattern or multiline.continuationPattern' }];
  });
}
