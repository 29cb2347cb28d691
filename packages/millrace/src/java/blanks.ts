/** What Java takes for blank: otherwise than JavaScript, control characters to its trim, and nothing beyond ASCII. */

/** `String.trim()`: all up to U+0020, at both ends. */
export function javaTrim(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && text.charCodeAt(from) <= 0x20) from++;
  while (to > from && text.charCodeAt(to - 1) <= 0x20) to--;
  return text.slice(from, to);
}

/** `\s` of `java.util.regex`, one or more. */
const blanks = /[ \t\n\v\f\r]+/;

/** The words between blanks (`split("\\s+")`), without an empty one at the start. */
export const javaWords = (text: string): string[] => text.split(blanks).filter((word) => word !== '');
