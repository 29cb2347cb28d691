/** Sink groups: their processor's options, and what becomes of their sinks (org.apache.flume.sink.SinkGroup). */

import type { Seating, SeatingFinding } from '../../component/processor.ts';
import { findingCodes } from '../../config/finding-codes.ts';
import { nearest } from '../../config/nearest.ts';
import type { Place } from '../../config/properties-model.ts';
import { javaHashMapOrder } from '../../java/hash-map.ts';
import type { SinkGroupModel, SinkModel } from '../model.ts';
import { below, configure, logDefaults, buildLogger as logger, loggerOf } from './build-component.ts';
import type { Workshop } from './build-source-parts.ts';
import type { Cause, Findings } from './findings.ts';
import type { RawComponent } from './raw-agents.ts';

/**
 * The groups that run, and the sinks that run. A group that can't be had takes its sinks with it: they don't run alone
 * (golden A9). A sink that fell out while it was built is left out of its group, where Flume 1.11 would give up on the
 * whole configuration.
 */
export function buildGroups(
  groups: readonly { readonly raw: RawComponent; readonly sinks: readonly string[] }[],
  sinks: readonly SinkModel[],
  { catalog, findings }: Workshop,
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
    const group = buildGroup(raw, members, listed, { catalog, findings });
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
  { catalog, findings }: Workshop,
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
  const type = written.value;
  const found = catalog.find('processor', type);
  if (!found.found) {
    const text = `Unable to load sink processor type: ${type}, class: null`;
    const suggestion = found.suggestion ?? 'there are default, failover and load_balance';
    return drop(found.reason, written.valuePlace, suggestion, text);
  }
  const { definition } = found;
  const own: RawComponent = { name, place: raw.place, properties };
  const parsed = configure(definition, own, `processor of sinkgroup ${name}`, ['type'], catalog);
  findings.addAll(parsed.diagnostics);
  if (parsed.dropReason !== undefined) {
    logRemoved(parsed.flumeFault ?? parsed.dropReason);
    findings.dropQuietly('sinkgroup', name, withSinks(parsed.dropReason), parsed.diagnostics);
    return undefined;
  }
  logDefaults(findings, definition, parsed);
  const seating: Seating = definition.seat?.(parsed.values, members) ?? { sinks: members, findings: [] };
  for (const told of seating.findings) {
    const { code = 'bad-group', message, suggestion, flumeLog, needsMore } = told;
    const place = placeOf(own, told);
    if (findingCodes[code].severity === 'error') {
      return drop(message, place, suggestion, message, needsMore === true ? sinks : []);
    }
    if (flumeLog !== undefined) findings.log('warn', loggerOf(definition), flumeLog);
    findings.tell(place, code, `sinkgroup ${name}: ${message}`, suggestion);
  }
  const processor = { name, type, definition, options: parsed.values, properties };
  const { sinks: seated, only } = seating;
  return { name, processor, sinks: seated, ...(only === undefined ? {} : { only }) };
}

/** Where the first of a finding's properties stands that is written; the group where none is. */
function placeOf({ properties, place }: RawComponent, { key, code }: SeatingFinding): Place {
  const written = [key].flat().flatMap((name) => properties.get(name) ?? [])[0];
  return (code === 'unknown-sink' ? written?.keyPlace : written?.valuePlace) ?? place;
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
