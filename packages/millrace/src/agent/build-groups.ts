/** Sink groups: their processor's options, and what becomes of their sinks (org.apache.flume.sink.SinkGroup). */

import { nearest } from '../config/nearest.ts';
import type { OptionSpec } from '../config/options.ts';
import { type ParsedOptions, parseJavaInteger, parseOptions } from '../config/parse-options.ts';
import { type ComponentProperties, type Place, shownValue } from '../config/properties-model.ts';
import { javaHashMapOrder } from '../java/hash-map.ts';
import { below, buildLogger as logger } from './build-component.ts';
import type { Cause, Findings } from './findings.ts';
import type { ProcessorModel, SinkGroupModel, SinkModel } from './model.ts';
import type { RawComponent } from './raw-agents.ts';
import {
  defaultProcessorOptions,
  failoverOptions,
  loadBalanceOptions,
  type ProcessorType,
  processorTypes,
} from './sink-processors/specs.ts';

const classNames: ReadonlyMap<string, ProcessorType> = new Map([
  ['org.apache.flume.sink.DefaultSinkProcessor', 'default'],
  ['org.apache.flume.sink.FailoverSinkProcessor', 'failover'],
  ['org.apache.flume.sink.LoadBalancingSinkProcessor', 'load_balance'],
]);

/**
 * The groups that run, and the sinks that run. A group that can't be had takes its sinks with it: they don't run alone
 * (golden A9). A sink that fell out while it was built is left out of its group, where Flume 1.11 would give up on the
 * whole configuration.
 */
export function buildGroups(
  groups: readonly { readonly raw: RawComponent; readonly sinks: readonly string[] }[],
  sinks: readonly SinkModel[],
  findings: Findings,
): { readonly groups: SinkGroupModel[]; readonly sinks: SinkModel[] } {
  const byName = new Map(sinks.map((sink) => [sink.name, sink]));
  const running = new Set(byName.keys());
  const result: SinkGroupModel[] = [];
  for (const { raw, sinks: listed } of groups) {
    // Flume keeps the names in a hash set, so that decides who is first, who is preferred, and whose double goes.
    const members = javaHashMapOrder(listed).filter((name) => byName.has(name));
    for (const name of listed) {
      if (byName.has(name)) continue;
      const text = `sinkgroup ${raw.name} goes on without sink ${name}, which is dropped`;
      const place = raw.properties.get('sinks')?.valuePlace ?? raw.place;
      findings.tell(place, 'sink-left-out', text, undefined, [{ kind: 'sink', name }]);
    }
    const group = buildGroup(raw, members, listed, findings);
    for (const name of members) {
      if (group?.sinks.includes(name)) continue;
      const reason = group === undefined ? `its sink group ${raw.name} is dropped` : 'its priority is taken';
      const place = raw.properties.get('sinks')?.valuePlace ?? raw.place;
      if (group !== undefined)
        findings.dropQuietly(
          'sink',
          name,
          reason,
          findings.diagnostics.filter(
            ({ code, message }) => code === 'double-priority' && message.includes(` sink ${name} is`),
          ),
        );
      else
        findings.drop('sink', name, place, 'group-dropped', reason, undefined, [
          { kind: 'sinkgroup', name: raw.name },
        ]);
      running.delete(name);
    }
    if (group !== undefined) result.push(group);
  }
  return { groups: result, sinks: sinks.filter((sink) => running.has(sink.name)) };
}

function buildGroup(
  raw: RawComponent,
  members: readonly string[],
  listed: readonly string[],
  findings: Findings,
): SinkGroupModel | undefined {
  const { name } = raw;
  noteUnknown(raw, findings);
  const logRemoved = (flume: string): void => {
    findings.log('error', logger, `SinkGroup ${name} has been removed due to an error during configuration`);
    findings.log('error', logger, flume);
  };
  const withSinks = (reason: string): string =>
    members.length === 0 ? reason : `${reason} (its sinks don't run either: ${members.join(' ')})`;
  const drop = (
    reason: string,
    place: Place,
    suggestion?: string,
    flume = reason,
    causes: readonly Cause[] = [],
  ): undefined => {
    logRemoved(flume);
    findings.drop('sinkgroup', name, place, 'bad-group', withSinks(reason), suggestion, causes);
    return undefined;
  };
  const sinks = listed.map((sink): Cause => ({ kind: 'sink', name: sink }));
  if (members.length === 0) {
    const reason = 'none of its sinks could be built';
    return drop(reason, raw.place, undefined, reason, sinks);
  }
  const properties = below('processor', raw.properties);
  const written = properties.get('type');
  if (written === undefined) {
    const flume = 'Unable to load sink processor type: null, class: null';
    return drop(
      'it has no processor.type',
      raw.place,
      'add processor.type = failover or load_balance',
      flume,
    );
  }
  const type = processorType(written.value);
  const place = written.valuePlace;
  if (type === undefined) {
    const near = nearest(written.value, processorTypes);
    const text = `Unable to load sink processor type: ${written.value}, class: null`;
    return drop(
      text,
      place,
      near === undefined ? `there are ${processorTypes.join(', ')}` : `did you mean ${near}?`,
    );
  }
  const parsed = processorOptions(type, raw, properties);
  findings.addAll(parsed.diagnostics);
  if (parsed.dropReason !== undefined) {
    const selector = `Unable to instantiate sink selector: ${properties.get('selector')?.value}`;
    logRemoved(parsed.numberFault ?? selector);
    findings.dropQuietly('sinkgroup', name, withSinks(parsed.dropReason), parsed.diagnostics);
    return undefined;
  }
  for (const text of parsed.flumeWarnings) findings.log('warn', 'FailoverSinkProcessor', text);
  if (type === 'default' && members.length > 1) {
    const text =
      'DefaultSinkPolicy can only handle one sink, try using a policy that supports multiple sinks';
    return drop(text, place, 'use failover or load_balance');
  }
  if (type === 'load_balance' && members.length < 2) {
    const text =
      'The LoadBalancingSinkProcessor cannot be used for a single sink. Please configure more than one sinks and try again.';
    return drop(text, place, undefined, text, sinks);
  }
  if (type !== 'failover') return { name, processor: simpleProcessor(type, parsed), sinks: members };
  const priorities = failoverPriorities(raw, below('priority', properties), members, findings);
  const maxPenaltyMs = Number(parsed.values.maxpenalty);
  return { name, processor: { type, priorities, maxPenaltyMs }, sinks: [...priorities.keys()] };
}

function processorType(written: string): ProcessorType | undefined {
  return processorTypes.find((type) => type === written.toLowerCase()) ?? classNames.get(written);
}

function processorOptions(
  type: ProcessorType,
  raw: RawComponent,
  properties: ComponentProperties,
): ParsedOptions<OptionSpec> {
  const specs: Record<ProcessorType, OptionSpec> = {
    default: defaultProcessorOptions,
    failover: failoverOptions,
    load_balance: loadBalanceOptions,
  };
  return parseOptions({
    spec: specs[type],
    properties,
    component: `processor of sinkgroup ${raw.name}`,
    place: raw.place,
    isCommon: (key) => key === 'type',
    commonNames: ['type'],
  });
}

function simpleProcessor(
  type: 'default' | 'load_balance',
  { values }: ParsedOptions<OptionSpec>,
): ProcessorModel {
  if (type === 'default') return { type };
  return {
    type,
    selector: values.selector === 'random' ? 'random' : 'round_robin',
    backoff: values.backoff === true,
    maxTimeOutMs: Number(values['selector.maxTimeOut']),
  };
}

/** A sink without a priority, or with one that is no number, has the next of -1, -2, …; a double is left out. */
function failoverPriorities(
  raw: RawComponent,
  written: ComponentProperties,
  members: readonly string[],
  findings: Findings,
): ReadonlyMap<string, number> {
  const priorities = new Map<string, number>();
  const takenBy = new Map<number, string>();
  let next = 0;
  for (const [sink, property] of written) {
    if (members.includes(sink)) continue;
    const text = `sinkgroup ${raw.name}: ${sink} has a priority but is not one of its sinks`;
    const near = nearest(sink, members);
    findings.tell(
      property.keyPlace,
      'unknown-sink',
      text,
      near === undefined ? undefined : `did you mean ${near}?`,
    );
  }
  for (const sink of members) {
    const property = written.get(sink);
    let priority = property === undefined ? undefined : parseJavaInteger(property.value);
    if (priority === undefined) {
      priority = --next;
      if (property !== undefined) {
        const text = `sinkgroup ${raw.name}: priority of ${sink}: "${shownValue(property)}" is not a whole number; ${priority} is taken`;
        findings.tell(property.valuePlace, 'number-replaced', text);
      }
    }
    const other = takenBy.get(priority);
    if (other === undefined) {
      takenBy.set(priority, sink);
      priorities.set(sink, priority);
      continue;
    }
    const flume = `Sink ${sink} not added to FailverSinkProcessor as priorityduplicates that of sink ${other}`;
    findings.log('warn', 'FailoverSinkProcessor', flume);
    const text = `sinkgroup ${raw.name}: sink ${sink} is left out: its priority ${priority} is that of ${other}`;
    findings.tell(
      property?.valuePlace ?? raw.place,
      'double-priority',
      text,
      'give each sink a priority of its own',
    );
  }
  return priorities;
}

function noteUnknown(raw: RawComponent, findings: Findings): void {
  for (const [key, property] of raw.properties) {
    if (key === 'sinks' || key.startsWith('processor.')) continue;
    const near = key === 'type' ? 'processor.type' : nearest(key, ['sinks', 'processor.type']);
    findings.tell(
      property.keyPlace,
      'unknown-key',
      `sinkgroup ${raw.name} has no property ${key}: it is ignored`,
      near === undefined ? undefined : `did you mean ${near}?`,
    );
  }
}
