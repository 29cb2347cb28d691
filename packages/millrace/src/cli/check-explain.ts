/** `millrace check --explain KEY`: what a property is. */
import { explainKey, type KeyHelp } from '../agent/configuration/key-help.ts';
import type { ConfigurationModel } from '../agent/model.ts';
import type { ComponentDefinition } from '../component/kinds.ts';
import { componentRegistry } from '../components/registry.ts';
import { printable } from '../runtime/diagnostics.ts';
import { MillraceError } from '../runtime/errors.ts';
import { styled } from './command.ts';
import type { Io } from './io.ts';
import { wrap } from './wrap.ts';

/** Prints it. Throws `USAGE` where there is no such property, with the one that was probably meant. */
export async function writeKeyHelp(
  key: string,
  components: readonly ComponentDefinition[],
  model: ConfigurationModel | undefined,
  asJson: boolean,
  io: Io,
): Promise<void> {
  const { found, near } = explainKey(key, await componentRegistry(components).all(), model);
  if (found.length === 0) {
    const remedy =
      near === undefined
        ? 'The pages of the components list theirs: docs/components.md.'
        : `Did you mean ${near}?`;
    throw new MillraceError('USAGE', `no component has a property ${printable(key)}`, { remedy });
  }
  if (asJson) {
    io.stdout.write(`${JSON.stringify({ key, found }, null, 2)}\n`);
    return;
  }
  const columns = Math.min(io.columns ?? 100, 100);
  io.stdout.write(`${found.map((help) => textOf(help, columns, io.color)).join('\n')}`);
}

function textOf(help: KeyHelp, columns: number, color: boolean): string {
  const { unit, range, values, noEffect, oldNames, replacedBy, elsewhere, page } = help;
  const type = [
    help.type,
    ...(unit === undefined ? [] : [units[unit] ?? unit]),
    ...(range === undefined ? [] : [range]),
  ];
  const rows: [string, string | undefined][] = [
    ['type', type.join(', ')],
    ['values', values?.join(', ')],
    ['default', help.required ? 'none: it must be written' : (help.default ?? 'none')],
    ['no effect', noEffect],
    ['old name', help.oldName === undefined ? undefined : `${help.oldName} still works; write ${help.key}`],
    ['old names', help.oldName === undefined ? oldNames?.join(', ') : undefined],
    ['old form', replacedBy === undefined ? undefined : `of ${replacedBy}, which is to be written instead`],
    ['or from', elsewhere],
    ['page', page === undefined ? undefined : `docs/${page}`],
  ];
  const lines = [
    styled('bold', `${help.key} (${`${help.kind} ${help.component}`.trim()})`, color),
    ...wrap(help.does, columns, '  '),
    ...rows.flatMap(([name, text]) =>
      text === undefined ? [] : wrap(text, columns, `  ${name.padEnd(10)} `),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

const units: Readonly<Record<string, string>> = {
  ms: 'in milliseconds',
  s: 'in seconds',
  events: 'of events',
  bytes: 'in bytes',
  percent: 'in percent',
};
