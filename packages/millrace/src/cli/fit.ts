import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The columns that a text takes on a terminal. */
export const columnsOf = (text: string): number => stringWidth(text);

/** The text, or as much of it as fits into so many columns, with `…` for the rest. Plain text, without colours. */
export function fit(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  if (columns < 1) return '';
  let kept = '';
  let width = 1; // of the mark
  for (const { segment } of segmenter.segment(text)) {
    width += stringWidth(segment);
    if (width > columns) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** As many whole items as fit after one another, two blanks apart; `…` where there are more. */
export function fitItems(items: readonly string[], columns: number): string {
  let text = '';
  for (const [i, item] of items.entries()) {
    const longer = text === '' ? item : `${text}  ${item}`;
    const isLast = i === items.length - 1;
    if (columnsOf(longer) > columns - (isLast ? 0 : 2))
      return text === '' ? fit(isLast ? item : `${item} …`, columns) : `${text} …`;
    text = longer;
  }
  return text;
}
