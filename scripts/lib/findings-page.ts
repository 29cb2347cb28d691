import { findingCodes } from '../../packages/millrace/src/config/finding-codes.ts';
import { cell } from './markdown.ts';

/** What `millrace check` and the log say of a configuration, from the one table of codes. */
export function findingsPage(): string {
  const rows = Object.entries(findingCodes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([code, { severity, means, remedy }]) =>
        `| \`${code}\` | ${severity} | ${cell(means)} | ${cell(remedy)} |`,
    );
  return `<!-- Generated from config/finding-codes.ts by \`npm run generate\`. Do not edit. -->

# Findings

What \`millrace check\` says of a configuration; an agent logs the same as it starts. Each finding stands at its property, \`FILE:LINE:COLUMN: SEVERITY: MESSAGE (WHAT TO DO) [CODE]\`; \`check --json\` gives the parts; their schema comes with the package (\`millrace/schema/check.json\`). An *error* takes a component or an agent out; a *warning* leaves it running, not as the text says; an *info* is worth knowing. \`check\` ends with 1 where there is more than infos.

| code | severity | means | what to do |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}
