/** The part of java.text.SimpleDateFormat that numbers need: `yyyy-MM-dd'T'HH:mm:ss.SSS`, in local time. */

const fields: Readonly<Record<string, (date: Date, width: number) => number>> = {
  y: (date, width) => (width === 2 ? date.getFullYear() % 100 : date.getFullYear()),
  M: (date) => date.getMonth() + 1,
  d: (date) => date.getDate(),
  H: (date) => date.getHours(),
  k: (date) => date.getHours() || 24,
  h: (date) => date.getHours() % 12 || 12,
  K: (date) => date.getHours() % 12,
  m: (date) => date.getMinutes(),
  s: (date) => date.getSeconds(),
  S: (date) => date.getMilliseconds(),
};

/** The date as text, or undefined where the pattern has a letter that isn't known here (names of months and zones). */
export function formatJavaDate(pattern: string, date: Date): string | undefined {
  if (pattern.length === 0 || pattern.length > 200) return undefined;
  let result = '';
  for (const match of pattern.matchAll(/'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']|'/g)) {
    const letter = match[2];
    if (match[1] !== undefined) result += match[0] === "''" ? "'" : match[1].replaceAll("''", "'");
    else if (letter === undefined) result += match[0];
    else {
      const field = fields[letter];
      const width = match[0].length;
      if (field === undefined || (letter === 'M' && width > 2)) return undefined;
      result += String(field(date, width)).padStart(width, '0');
    }
  }
  return result;
}
