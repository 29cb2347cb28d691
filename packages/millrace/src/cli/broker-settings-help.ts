import { brokerSettings } from '../broker/settings/setting-table.ts';
import { styled } from './command.ts';
import type { Io } from './io.ts';

/** Lines are cut to this where the terminal is not narrower. */
const helpColumns = 100;
const indent = '      ';

/** The settings that `--set` takes besides those of topics, from the broker's own table. */
export function brokerSettingsHelp({ color, columns = helpColumns }: Io): string {
  const width = Math.min(columns, helpColumns) - indent.length;
  const entries = brokerSettings.map((setting) => {
    const { name, what } = setting;
    const head = `  ${styled('cyan', name, color)}${setting.default === undefined ? '' : `=${setting.default}`}`;
    return [head, ...wrapped(what, width).map((line) => `${indent}${line}`)].join('\n');
  });
  const title = styled('bold', 'Settings for --set, with their defaults:', color);
  const more =
    'Listeners, TLS, logins, rules of access and the audit log go by the properties of docs/broker-security.md.';
  return `\n${title}\n${entries.join('\n')}\n\n${more}\n`;
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
