/** `text.split(separator)` of Java: parts behind the last that is not empty are left out. `separator` has the flag g. */
export function javaSplit(text: string, separator: RegExp): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(separator)) {
    const end = match.index + match[0].length;
    // A match of nothing at the start makes no part, one at the end none behind it.
    if (end === 0 || match.index === text.length) continue;
    parts.push(text.slice(from, match.index));
    from = end;
  }
  if (from === 0) return [text];
  parts.push(text.slice(from));
  while (parts.at(-1) === '') parts.pop();
  return parts;
}
