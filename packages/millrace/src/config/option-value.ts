/** The value of one property, by the kind of its option; what is wrong with it is reported at its place. */
import { javaTrim, javaWords } from '../java/blanks.ts';
import { expandHome } from '../runtime/home-path.ts';
import { hostPortFault, splitServers } from './host-ports.ts';
import { nearest } from './nearest.ts';
import {
  commentHint,
  faultOf,
  highest,
  longest,
  type NumberOption,
  numberOf,
  rangeHint,
  unitHint,
} from './option-numbers.ts';
import type { OptionReport } from './option-report.ts';
import type { HostPortsOption, Option } from './options.ts';
import { type Property, shownValue } from './properties-model.ts';
import { Secret } from './secret.ts';

/** Options that are one property each. */
export type SingleOption = Exclude<Option, { kind: 'map' | 'component' | 'properties' }>;
export type SingleValue = Secret | string | number | boolean | readonly string[] | undefined;

/** Undefined: it counts as not set. Of a value that drops the component, what it would be without. */
export function optionValue(property: Property, option: SingleOption, report: OptionReport): SingleValue {
  switch (option.kind) {
    case 'path':
      noteComment(property, report);
      return expandHome(property.value);
    case 'hostPorts':
      return hostPortsOf(property, option, report);
    case 'string':
      noteComment(property, report);
      return property.value;
    case 'secret':
      return new Secret(property.value);
    case 'int':
    case 'bytes':
    case 'duration':
      return wholeNumberOf(property, option, report);
    case 'boolean':
      return booleanOf(property, report);
    case 'enum':
      return enumOf(property, option, report);
    case 'list':
      noteComment(property, report);
      return (
        option.separator === undefined ? javaWords(property.value) : property.value.split(option.separator)
      ).filter((name) => name !== '');
  }
}

function hostPortsOf(
  property: Property,
  { usualPort, noneSays }: HostPortsOption,
  report: OptionReport,
): readonly string[] {
  const servers = splitServers(property.value);
  const { key, valuePlace } = property;
  if (servers.length === 0) report.drop(valuePlace, 'invalid', noneSays, `write ${key} = host:${usualPort}`);
  for (const server of servers) {
    const fault = hostPortFault(server, usualPort);
    if (fault === null) continue;
    report.drop(valuePlace, 'bad-value', `${key}: ${server} ${fault.message}`, fault.suggestion);
  }
  return servers;
}

function wholeNumberOf(property: Property, option: NumberOption, report: OptionReport): number | undefined {
  const number = numberOf(property, option);
  const { min = Number.NEGATIVE_INFINITY, max = highest(option), onBad = 'drop', unit } = option;
  if (number !== undefined && number >= min && number <= max) return Math.min(number, longest(option));
  const onOutside = option.onOutside ?? (option.kind === 'duration' ? 'clamp' : onBad);
  const rule = number === undefined ? onBad : onOutside;
  const text = `${property.key}: ${faultOf(property, number, min, max)}`;
  const suggestion = commentHint(property) ?? unitHint(property, unit) ?? rangeHint(option, min, max);
  if (rule === 'drop') {
    const flumeFault = number === undefined ? `For input string: "${shownValue(property)}"` : undefined;
    report.drop(property.valuePlace, 'bad-number', text, suggestion, flumeFault);
    return option.default;
  }
  const taken = rule === 'clamp' ? Math.min(Math.max(number ?? min, min), max) : option.default;
  const which = rule === 'default' ? 'the default ' : '';
  const what = taken === undefined ? 'it counts as not set' : `${which}${taken} is taken`;
  const message = `${report.component}: ${text}; ${what}, as Flume does`;
  report.tell(property.valuePlace, 'number-replaced', message, suggestion);
  if (rule === 'default' && option.flumeSays !== undefined) {
    const name = report.component.slice(report.component.indexOf(' ') + 1);
    report.flumeWarnings.push(option.flumeSays(shownValue(property), name));
  }
  return taken;
}

function booleanOf(property: Property, report: OptionReport): boolean {
  const text = javaTrim(property.value).toLowerCase();
  if (text !== 'true' && text !== 'false') {
    const message = `${report.component}: ${property.key}: "${shownValue(property)}" is not true, so it counts as false`;
    report.tell(property.valuePlace, 'bad-boolean', message, commentHint(property));
  }
  return text === 'true';
}

function enumOf(
  property: Property,
  option: Extract<Option, { kind: 'enum' }>,
  report: OptionReport,
): string | undefined {
  const text = javaTrim(property.value).toLowerCase();
  const value = option.values.find((candidate) => candidate.toLowerCase() === text);
  if (value !== undefined) return value;
  const near = nearest(property.value, option.values);
  const suggestion =
    commentHint(property) ??
    (near === undefined ? `write one of ${option.values.join(', ')}` : `did you mean ${near}?`);
  const message = `${property.key}: "${shownValue(property)}" is none of ${option.values.join(', ')}`;
  if (option.onBad === 'default') {
    const taken = `${message}; ${option.default} is taken, as in Flume`;
    report.tell(property.valuePlace, 'value-replaced', `${report.component}: ${taken}`, suggestion);
    return option.default;
  }
  report.drop(
    property.valuePlace,
    'bad-value',
    message,
    suggestion,
    option.flumeSays?.(shownValue(property)),
  );
  return option.default;
}

/** A ` # …` at the end of a text is legal, but hardly ever meant. */
function noteComment(property: Property, report: OptionReport): void {
  const hint = property.key === 'command' ? undefined : commentHint(property);
  if (hint === undefined) return;
  const message = `${report.component}: ${property.key}: the text after # is part of the value`;
  report.tell(property.valuePlace, 'inline-comment', message, hint);
}
