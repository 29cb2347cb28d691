/**
 * Writes docs/components.md from the components' own specs, docs/findings.md from the table of finding codes and
 * docs/broker-settings.md from the table of the broker's settings:
 * `node scripts/generate-reference.ts`. With `--check` it writes nothing and exits 1 when a page is stale (a test, too).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { registryEntries } from '../packages/millrace/src/agent/registry.ts';
import { brokerSettings } from '../packages/millrace/src/broker/setting-table.ts';
import { topicConfigs } from '../packages/millrace/src/broker/topic-configs.ts';
import type { ComponentDefinition } from '../packages/millrace/src/component/define.ts';
import { unbuiltTypes } from '../packages/millrace/src/components/unbuilt.ts';
import { findingCodes } from '../packages/millrace/src/config/finding-codes.ts';
import type { Option } from '../packages/millrace/src/config/options.ts';

export const referencePath = resolve(import.meta.dirname, '../docs/components.md');
export const findingsPath = resolve(import.meta.dirname, '../docs/findings.md');
export const settingsPath = resolve(import.meta.dirname, '../docs/broker-settings.md');

const titles = {
  source: 'Sources',
  channel: 'Channels',
  sink: 'Sinks',
  interceptor: 'Interceptors',
  selector: 'Channel selectors',
  serializer: 'Event serializers',
} as const;

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function optionRow(name: string, option: Option): string {
  const key = option.kind === 'map' ? `${option.prefix ?? name}.*` : name;
  const fallback =
    option.required === true ? '*required*' : option.default === undefined ? '' : `\`${option.default}\``;
  const values = option.kind === 'enum' ? ` One of ${option.values.map((v) => `\`${v}\``).join(', ')}.` : '';
  const unit = [option.unit ?? '', range(option)].filter((part) => part !== '').join(', ');
  const old =
    option.oldNames === undefined ? '' : ` Old names: ${option.oldNames.map((n) => `\`${n}\``).join(', ')}.`;
  const ignored = option.ignored === undefined ? '' : ` **No effect:** ${option.ignored}`;
  return `| \`${key}\` | ${option.kind}${unit === '' ? '' : ` (${unit})`} | ${fallback} | ${cell(`${option.doc}${values}${old}${ignored}`)} |`;
}

/** What a number may be, where that is less than Java's type holds. */
function range(option: Option): string {
  if (option.kind !== 'int' && option.kind !== 'duration') return '';
  if (option.min === undefined) return option.max === undefined ? '' : `to ${option.max}`;
  return option.max === undefined ? `from ${option.min}` : `${option.min} to ${option.max}`;
}

function section(definition: ComponentDefinition): string {
  const names = [definition.type, ...definition.classNames].filter((name) => name !== undefined);
  const rows = Object.entries(definition.options).map(([name, option]) => optionRow(name, option));
  const table =
    rows.length === 0
      ? 'It has no options.'
      : `| option | kind | default | |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
  return `### ${definition.type ?? definition.classNames[0]!.split('.').at(-1)}\n\n${definition.summary}\n\nNames: ${names.map((n) => `\`${n}\``).join(', ')}\n\n${table}\n`;
}

export async function referencePage(): Promise<string> {
  const definitions = await Promise.all(registryEntries.map((entry) => entry.load()));
  let page =
    '<!-- Generated from the specs of the components by `node scripts/generate-reference.ts`. Do not edit. -->\n\n# Components\n\nEvery component with its options, as `millrace check` and the runtime read them. Names are matched as Flume does: an alias in any letter case, a class name exactly.\n';
  for (const [kind, title] of Object.entries(titles)) {
    page += `\n## ${title}\n\n`;
    page += definitions
      .filter((definition) => definition.kind === kind)
      .map(section)
      .join('\n');
  }
  page += `\n## Known, but not there yet\n\nA component of these types is dropped, and \`millrace check\` says so.\n\n`;
  for (const { kind, type, classNames, instead } of unbuiltTypes) {
    page += `- ${kind} \`${type ?? classNames[0]}\`${instead === undefined ? '' : `: ${instead}`}\n`;
  }
  return page;
}

/** What `millrace check` and the log say of a configuration, from the one table of codes. */
export function findingsPage(): string {
  const rows = Object.entries(findingCodes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([code, { severity, means, remedy }]) =>
        `| \`${code}\` | ${severity} | ${cell(means)} | ${cell(remedy)} |`,
    );
  return `<!-- Generated from config/finding-codes.ts by \`node scripts/generate-reference.ts\`. Do not edit. -->

# Findings

What \`millrace check\` says of a configuration; an agent logs the same as it starts. Each finding stands at its property, \`FILE:LINE:COLUMN: SEVERITY: MESSAGE (WHAT TO DO) [CODE]\`; \`check --json\` gives the parts. An *error* takes a component or an agent out; a *warning* leaves it running, not as the text says; an *info* is worth knowing. \`check\` ends with 1 where there is more than infos.

| code | severity | means | what to do |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}

/** What the embedded broker can be told, from the one table that its defaults, checks and DescribeConfigs come from. */
export function settingsPage(): string {
  const rows = brokerSettings.map(
    (setting) =>
      `| \`${setting.name}\` | \`${setting.option}\` | ${setting.default === undefined ? '' : `\`${setting.default}\``} | ${cell(setting.what)} |`,
  );
  const topics = Object.entries(topicConfigs)
    .filter(([, { inert }]) => inert !== true)
    .map(
      ([name, { brokerName, default: fallback }]) =>
        `| \`${name}\` | ${brokerName === undefined ? '' : `\`${brokerName}\``} | \`${fallback}\` |`,
    );
  return `<!-- Generated from broker/setting-table.ts and broker/topic-configs.ts by \`node scripts/generate-reference.ts\`. Do not edit. -->

# Settings of the embedded broker

\`millrace broker --set NAME=VALUE\` and \`millrace start --set NAME=VALUE\`, as often as needed; in a program \`Broker.start({ OPTION: value })\`. Names and defaults are Kafka's where Kafka has the setting; what it does not have begins with \`millrace.\` (and \`log.flush\`). Kafka's own \`kafka-configs --describe --all --entity-type brokers --entity-name 1\` shows what a broker runs with; it is fixed at the start.

| name | option in a program | default | |
| --- | --- | --- | --- |
${rows.join('\n')}

The option of \`offsets.retention.minutes\` is in ms.

## Defaults for topics

\`--set\` takes the topic's name or the broker's, \`topicDefaults\` in a program the topic's. A topic's own setting (\`kafka-topics --config\`, \`kafka-configs --alter\`) wins. Those that are stored and shown, and that nothing follows from, are not listed.

| topic | broker | default |
| --- | --- | --- |
${topics.join('\n')}
`;
}

if (import.meta.main) {
  for (const [path, page] of [
    [referencePath, await referencePage()],
    [findingsPath, findingsPage()],
    [settingsPath, settingsPage()],
  ] as const) {
    if (!process.argv.includes('--check')) writeFileSync(path, page);
    else if (readFileSync(path, 'utf8') !== page) {
      console.error(`${path} is stale: node scripts/generate-reference.ts`);
      process.exitCode = 1;
    }
  }
}
