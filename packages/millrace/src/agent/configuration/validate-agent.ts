/**
 * The first stage of Flume's validation (FlumeConfiguration.AgentConfiguration.isValid): which listed components are
 * described well enough to be built. No option is looked at here but `type`, the channels and the selector's type.
 */

import type { FindingCode } from '../../config/finding-codes.ts';
import { nearest } from '../../config/nearest.ts';
import type { Place, Property } from '../../config/properties-model.ts';
import { javaHashMapOrder } from '../../java/hash-map.ts';
import type { ComponentKind } from '../model.ts';
import type { Cause, Findings } from './findings.ts';
import { type Group, namesOf, type RawAgent, type RawComponent } from './raw-agents.ts';

/** What survives the first stage, in the order of the lists. */
export interface ValidatedAgent {
  readonly raw: RawAgent;
  readonly valid: boolean;
  readonly channels: readonly RawComponent[];
  readonly sources: readonly RawComponent[];
  readonly sinks: readonly RawComponent[];
  readonly groups: readonly { readonly raw: RawComponent; readonly sinks: readonly string[] }[];
}

const logger = 'FlumeConfiguration';

/** Listed names by kind, each once; what `check` shows. */
export function listedNames(raw: RawAgent, group: Group): string[] {
  return namesOf(raw.lists.get(group));
}

export function validateAgent(raw: RawAgent, findings: Findings): ValidatedAgent {
  const nothing = { raw, channels: [], sources: [], sinks: [], groups: [] };
  const invalid = (code: FindingCode, text: string, message: string): ValidatedAgent => {
    findings.log('warn', logger, `Agent configuration for '${raw.name}' ${text}`);
    findings.log('warn', logger, `Agent configuration invalid for agent '${raw.name}'. It will be removed.`);
    findings.tell(
      raw.lists.get('channels')?.valuePlace ?? raw.place,
      code,
      `agent ${raw.name} can't run: ${message}`,
      undefined,
      (['channel', 'source', 'sink'] as const).flatMap((kind) =>
        listedNames(raw, `${kind}s`).map((name) => ({ kind, name })),
      ),
    );
    return { ...nothing, valid: false };
  };
  noteUnlisted(raw, findings);
  if (raw.lists.get('channels') === undefined) {
    return invalid(
      'no-channels',
      'does not contain any channels. Marking it as invalid.',
      `${raw.name}.channels is missing`,
    );
  }
  const channels = validChannels(raw, findings);
  if (channels.length === 0) {
    return invalid(
      'no-channels',
      'does not contain any valid channels. Marking it as invalid.',
      `none of ${raw.name}.channels is a channel`,
    );
  }
  const active = new Set(channels.map((channel) => channel.name));
  const sources = validSources(raw, active, findings);
  const sinks = validSinks(raw, active, findings);
  const groups = validGroups(raw, new Set(sinks.map((sink) => sink.name)), findings);
  if (sources.length === 0 && sinks.length === 0) {
    return invalid(
      'no-components',
      'has no sources or sinks. Will be marked invalid.',
      'it has no source and no sink',
    );
  }
  return { raw, valid: true, channels, sources, sinks, groups };
}

function validChannels(raw: RawAgent, findings: Findings): RawComponent[] {
  return listedNames(raw, 'channels').flatMap((name) => {
    const channel = raw.components.channels.get(name);
    if (channel === undefined) {
      dropUndescribed(raw, 'channels', 'channel', name, findings);
      return [];
    }
    return hasType('channel', channel, 'channel ', findings) ? [channel] : [];
  });
}

function validSources(raw: RawAgent, active: ReadonlySet<string>, findings: Findings): RawComponent[] {
  if (raw.lists.get('sources') === undefined) {
    findings.log('warn', logger, `Agent configuration for '${raw.name}' has no sources.`);
    findings.tell(raw.place, 'no-sources', `agent ${raw.name} has no sources`);
  }
  return listedNames(raw, 'sources').flatMap((name) => {
    const source = raw.components.sources.get(name);
    if (source === undefined) {
      findings.log('warn', logger, `Configuration empty for: ${name}.Removed.`);
      dropUndescribed(raw, 'sources', 'source', name, findings);
      return [];
    }
    return hasType('source', source, 'source  ', findings) && hasChannels(source, active, findings)
      ? [source]
      : [];
  });
}

function hasChannels(source: RawComponent, active: ReadonlySet<string>, findings: Findings): boolean {
  const { name, properties } = source;
  const list = properties.get('channels');
  const drop = (
    place: Place,
    code: FindingCode,
    reason: string,
    flume: string,
    suggestion: string,
    causes: readonly Cause[] = [],
  ): boolean => {
    findings.log('warn', logger, `Could not configure source  ${name} due to: ${flume}`);
    findings.drop('source', name, place, code, reason, suggestion, causes);
    return false;
  };
  if (list === undefined) {
    const { meant, suggestion } = meantFor('channels', properties, 'a source has channels');
    return drop(
      meant?.keyPlace ?? source.place,
      'no-channel',
      'it names no channels',
      'Failed to configure component!',
      suggestion,
    );
  }
  const names = namesOf(list);
  const unknown = names.filter((channel) => !active.has(channel));
  if (unknown.length < names.length) {
    for (const channel of unknown) {
      findings.tell(
        list.valuePlace,
        'channel-left-out',
        `source ${name}: there is no channel ${channel}; events go to the others alone`,
        channelSuggestion(channel, active),
        [{ kind: 'channel', name: channel }],
      );
    }
    return true;
  }
  const reason = `none of its channels is there: ${unknown.join(' ')}`;
  return drop(
    list.valuePlace,
    'unknown-channel',
    reason,
    `No Channels configured for ${name}`,
    channelSuggestion(list.value, active),
    // A name that is misspelt has to be mended whatever else is dropped.
    unknown.every((channel) => findings.isDropped('channel', channel))
      ? unknown.map((channel) => ({ kind: 'channel', name: channel }))
      : [],
  );
}

function validSinks(raw: RawAgent, active: ReadonlySet<string>, findings: Findings): RawComponent[] {
  if (raw.lists.get('sinks') === undefined) {
    findings.log('warn', logger, `Agent configuration for '${raw.name}' has no sinks.`);
    findings.tell(raw.place, 'no-sinks', `agent ${raw.name} has no sinks`);
  }
  return listedNames(raw, 'sinks').flatMap((name) => {
    const sink = raw.components.sinks.get(name);
    if (sink === undefined) {
      findings.log('warn', logger, `no context for sink${name}`);
      dropUndescribed(raw, 'sinks', 'sink', name, findings);
      return [];
    }
    return hasType('sink', sink, 'sink  ', findings) && hasChannel(sink, active, findings) ? [sink] : [];
  });
}

/** The property that was probably meant for `key`, which is not there, and what to do; `rule` is why the other word fails. */
function meantFor(key: 'channel' | 'channels', properties: RawComponent['properties'], rule: string) {
  const other = key === 'channel' ? 'channels' : 'channel';
  const name = properties.has(other) ? other : nearest(key, properties.keys());
  const meant = name === undefined ? undefined : properties.get(name);
  if (meant === undefined) return { meant, suggestion: `add ${key} = NAME` };
  const why = name === other ? rule : `${name} is no property`;
  return { meant, suggestion: `${why}; write ${key} = ${meant.value}` };
}

function hasChannel(sink: RawComponent, active: ReadonlySet<string>, findings: Findings): boolean {
  const { name, properties } = sink;
  const channel = properties.get('channel');
  if (channel !== undefined && active.has(channel.value)) return true;
  const flume =
    channel === undefined
      ? `No channel configured for sink: ${name}`
      : `Channel ${channel.value} not in active set.`;
  findings.log('warn', logger, `Could not configure sink  ${name} due to: ${flume}`);
  if (channel === undefined) {
    const { meant, suggestion } = meantFor('channel', properties, 'a sink has one channel');
    findings.drop(
      'sink',
      name,
      meant?.keyPlace ?? sink.place,
      'no-channel',
      'it names no channel',
      suggestion,
    );
  } else {
    const reason = `there is no channel ${channel.value}`;
    const suggestion = /[\s,]/.test(channel.value)
      ? 'a sink takes from one channel'
      : channelSuggestion(channel.value, active);
    findings.drop('sink', name, channel.valuePlace, 'unknown-channel', reason, suggestion, [
      { kind: 'channel', name: channel.value },
    ]);
  }
  return false;
}

function validGroups(
  raw: RawAgent,
  sinks: ReadonlySet<string>,
  findings: Findings,
): ValidatedAgent['groups'] {
  const used = new Map<string, string>();
  // Flume keeps their names in a hash set, so that decides who gets a sink that two of them name.
  return javaHashMapOrder(listedNames(raw, 'sinkgroups')).flatMap((name) => {
    const group = raw.components.sinkgroups.get(name);
    if (group === undefined) {
      findings.log('warn', logger, `Configuration error for: ${name}.Removed.`);
      dropUndescribed(raw, 'sinkgroups', 'sinkgroup', name, findings);
      return [];
    }
    const list = group.properties.get('sinks');
    if (list === undefined) {
      const wrong = group.properties.get('processor.sinks');
      findings.drop(
        'sinkgroup',
        name,
        wrong?.keyPlace ?? group.place,
        'no-group-sinks',
        'it names no sinks; they run alone',
        wrong === undefined ? 'add sinks = NAME NAME' : `write ${raw.name}.sinkgroups.${name}.sinks`,
      );
      return [];
    }
    const kept = namesOf(list).filter((sink) => isFree(raw, name, sink, list, sinks, used, findings));
    if (kept.length > 0) return [{ raw: group, sinks: kept }];
    findings.log(
      'warn',
      logger,
      `Could not configure sink group ${name} due to: No available sinks for sinkgroup: ${name}. Sinkgroup will be removed`,
    );
    findings.drop(
      'sinkgroup',
      name,
      list.valuePlace,
      'no-group-sinks',
      'none of its sinks is there',
      undefined,
      namesOf(list).map((sink) => ({ kind: 'sink', name: sink })),
    );
    return [];
  });
}

function isFree(
  raw: RawAgent,
  group: string,
  sink: string,
  list: Property,
  sinks: ReadonlySet<string>,
  used: Map<string, string>,
  findings: Findings,
): boolean {
  const start = `Agent configuration for '${raw.name}' sinkgroup '${group}' sink`;
  const user = used.get(sink);
  if (user !== undefined) {
    findings.log('warn', logger, `${start} '${sink}' in use by another group: '${user}', sink not added`);
    findings.tell(
      list.valuePlace,
      'sink-in-use',
      `sinkgroup ${group}: sink ${sink} already belongs to sinkgroup ${user}`,
    );
    return false;
  }
  if (!sinks.has(sink)) {
    findings.log('warn', logger, `${start} not found: '${sink}',  sink not added`);
    const what = listedNames(raw, 'sinks').includes(sink)
      ? `sink ${sink} was dropped`
      : `there is no sink ${sink}`;
    findings.tell(
      list.valuePlace,
      'unknown-sink',
      `sinkgroup ${group}: ${what}; the group goes on without it`,
      undefined,
      [{ kind: 'sink', name: sink }],
    );
    return false;
  }
  used.set(sink, group);
  return true;
}

function hasType(
  kind: ComponentKind,
  component: RawComponent,
  flumeKind: string,
  findings: Findings,
): boolean {
  if (component.properties.get('type') !== undefined) return true;
  const { name, place } = component;
  findings.log(
    'warn',
    logger,
    `Could not configure ${flumeKind}${name} due to: Component has no type. Cannot configure. ${name}`,
  );
  findings.drop(kind, name, place, 'no-type', 'it has no type', 'add type = …');
  return false;
}

function dropUndescribed(
  raw: RawAgent,
  group: Group,
  kind: ComponentKind,
  name: string,
  findings: Findings,
): void {
  const place = raw.lists.get(group)?.valuePlace ?? raw.place;
  const suggestion = /[,;]/.test(name)
    ? `names are separated by blanks: ${name
        .split(/[,;]+/)
        .filter((part) => part !== '')
        .join(' ')}`
    : undefined;
  findings.drop(
    kind,
    name,
    place,
    'not-configured',
    `there is no ${raw.name}.${group}.${name}.…`,
    suggestion,
  );
}

function channelSuggestion(written: string, active: ReadonlySet<string>): string {
  if (/[,;]/.test(written)) return 'names are separated by blanks, not commas';
  return `the channels are: ${[...active].join(' ')}`;
}

/** Components that are described but not listed do nothing, in Flume without a word. */
function noteUnlisted(raw: RawAgent, findings: Findings): void {
  for (const group of ['sources', 'channels', 'sinks', 'sinkgroups'] as const) {
    const listed = new Set(listedNames(raw, group));
    for (const { name, place } of raw.components[group].values()) {
      if (listed.has(name)) continue;
      const list = raw.lists.get(group);
      const suggestion =
        list === undefined
          ? `add ${raw.name}.${group} = ${name}`
          : `${raw.name}.${group} lists: ${[...listed].join(' ')}`;
      findings.tell(
        place,
        'not-listed',
        `${group.slice(0, -1)} ${name} is not in ${raw.name}.${group}: it is ignored`,
        suggestion,
      );
    }
  }
}
