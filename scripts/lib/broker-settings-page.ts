import { brokerSettings } from '../../packages/millrace/src/broker/settings/setting-table.ts';
import { topicConfigs } from '../../packages/millrace/src/broker/settings/topic-configs.ts';
import { cell } from './markdown.ts';

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
  return `<!-- Generated from broker/settings/setting-table.ts and broker/settings/topic-configs.ts by \`npm run generate\`. Do not edit. -->

# Settings of the embedded broker

\`millrace broker --set NAME=VALUE\` and \`millrace start --set NAME=VALUE\`, as often as needed; in a program \`Broker.start({ OPTION: value })\`. Names and defaults are Kafka's where Kafka has the setting; what it does not have begins with \`millrace.\` (and \`log.flush\`). Kafka's own \`kafka-configs --describe --all --entity-type brokers --entity-name 1\` shows what a broker runs with; it is fixed at the start. Listeners, TLS, logins, rules of access and the audit log go by properties that are read together: [broker-security.md](broker-security.md).

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
