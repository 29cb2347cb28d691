import { columnsOf } from './fit.ts';

/**
 * Text in lines of at most so many columns, broken at blanks; a word that is longer has a line of its own. `first`
 * stands before the first line, as many blanks before the others.
 */
export function wrap(text: string, columns: number, first = ''): string[] {
  const indent = ' '.repeat(columnsOf(first));
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(/\s+/).filter((each) => each !== '')) {
    const longer = isEmpty ? `${line}${word}` : `${line} ${word}`;
    if (isEmpty || columnsOf(longer) <= columns) {
      line = longer;
      isEmpty = false;
      continue;
    }
    lines.push(line);
    line = `${indent}${word}`;
  }
  lines.push(line);
  return lines;
}
