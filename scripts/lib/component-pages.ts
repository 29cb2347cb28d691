import {
  type ComponentDefinition,
  type DefinitionKind,
  definitionKinds,
  kinds,
} from '../../packages/millrace/src/component/kinds.ts';
import { unbuiltTypes } from '../../packages/millrace/src/components/unbuilt.ts';
import { rangeText } from '../../packages/millrace/src/config/option-facts.ts';
import { type Option, plainSpec } from '../../packages/millrace/src/config/options.ts';
import { shownType } from './component-specs.ts';
import { cell } from './markdown.ts';
import { wholeExample } from './whole-example.ts';

const generated = '<!-- Generated from the specs of the components by `npm run generate`. Do not edit. -->\n';

/** The list of all components, and a page for each. Path → text. */
export function componentPages(definitions: readonly ComponentDefinition[]): Map<string, string> {
  const pages = new Map([['docs/components.md', listPage(definitions)]]);
  for (const definition of definitions) pages.set(`docs/${pageOf(definition)}`, componentPage(definition));
  return pages;
}

const pageOf = (definition: ComponentDefinition): string =>
  `components/${definition.kind}/${shownType(definition)}.md`;

function listPage(definitions: readonly ComponentDefinition[]): string {
  let page = `${generated}
# Components

Every component has a page with its options, as \`millrace check\` and the runtime read them. Names are matched as Flume does: an alias in any letter case, a class name exactly.
`;
  for (const kind of definitionKinds) {
    page += `\n## ${kinds[kind].title}\n\n${where(kind)}\n\n| | |\n| --- | --- |\n`;
    for (const definition of definitions.filter((each) => each.kind === kind)) {
      page += `| [${shownType(definition)}](${pageOf(definition)}) | ${cell(definition.summary)} |\n`;
    }
  }
  page += `\n## Known, but not there yet\n\nA component of these types is dropped, and \`millrace check\` says so.\n\n`;
  for (const { kind, type, classNames, instead } of unbuiltTypes) {
    page += `- ${kind} \`${type ?? classNames[0]}\`${instead === undefined ? '' : `: ${instead}`}\n`;
  }
  return page;
}

const where = (kind: DefinitionKind): string => `Named by \`${kinds[kind].named}\`.`;

function componentPage(definition: ComponentDefinition): string {
  const { type, classNames, kind, summary, options } = definition;
  const names = [type, ...classNames].filter((name) => name !== undefined);
  const rows = Object.entries(plainSpec(options)).map(([name, option]) => optionRow(name, option));
  const parts = [
    `${generated}\n# ${shownType(definition)} (${kind})`,
    summary,
    `Names: ${names.map((name) => `\`${name}\``).join(', ')}`,
    ...(definition.example === undefined
      ? []
      : [`\`\`\`properties\n${wholeExample(definition.example)}\n\`\`\``]),
    rows.length === 0
      ? 'It has no options.'
      : `## Options\n\n| option | kind | default | |\n| --- | --- | --- | --- |\n${rows.join('\n')}`,
    ...(definition.differs === undefined
      ? []
      : [`## Differs from Flume on purpose\n\n${definition.differs.map((text) => `- ${text}`).join('\n')}`]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function optionRow(name: string, option: Option): string {
  const prefix = option.kind === 'map' ? (option.prefix ?? name) : name;
  const key = option.kind === 'map' || option.kind === 'properties' ? `${prefix}.*` : name;
  const fallback =
    option.required === true ? '*required*' : option.default === undefined ? '' : `\`${option.default}\``;
  const values = option.kind === 'enum' ? ` One of ${option.values.map((v) => `\`${v}\``).join(', ')}.` : '';
  const unit = [option.unit ?? '', rangeText(option)].filter((part) => part !== '').join(', ');
  const old =
    option.oldNames === undefined ? '' : ` Old names: ${option.oldNames.map((n) => `\`${n}\``).join(', ')}.`;
  const set =
    option.kind === 'properties'
      ? ` Unless set here: ${Object.entries(option.defaults)
          .map(([k, v]) => `\`${k}=${v}\``)
          .join(', ')}. Known: ${option.reading.keys.map((k) => `\`${k}\``).join(', ')}.`
      : '';
  const ignored = option.ignored === undefined ? '' : ` **No effect:** ${option.ignored}`;
  return `| \`${key}\` | ${option.kind}${unit === '' ? '' : ` (${unit})`} | ${fallback} | ${cell(`${option.doc}${values}${set}${old}${ignored}`)} |`;
}
