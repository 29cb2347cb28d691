import { handlers } from '../../packages/millrace/src/broker/requests/dispatch.ts';

/** The APIs that the embedded broker serves, from its handlers. */
export function brokerApisPage(): string {
  const rows = handlers.map(({ apiKey, name, min, max, advertisedMin, needs }) => {
    const versions = `${advertisedMin ?? min} to ${max}`;
    return `| ${apiKey} | ${name} | ${versions} | ${needs.length === 0 ? 'nothing' : needs.join(', ')} |`;
  });
  return `<!-- Generated from the handlers in broker/requests/ by \`npm run generate\`. Do not edit. -->

# APIs of the embedded broker

Versions are those that ApiVersions tells. What a request demands is named as Kafka's authorizer names it; the embedded broker asks for it once it has an authorizer ([broker-security.md](broker-security.md)); without one everybody may do everything, as in Kafka.

| key | API | versions | demands |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}
