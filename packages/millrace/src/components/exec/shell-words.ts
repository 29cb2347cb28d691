/**
 * The first word of a command that only a shell understands: an operator, a redirection, a quote, a wildcard, a
 * variable. `&` and `?` inside a word are left alone, as in a URL. Undefined where there is none.
 */
export function shellWord(command: string): string | undefined {
  return command.split(/\s+/).find((word) => shellOnly.some((pattern) => pattern.test(word)));
}

const shellOnly: readonly RegExp[] = [
  /^(\|\|?|&&?|;|!)$/, // a | b, a && b, a ; b
  /;$|^\||\|$|&&/,
  /^\d*(>>?|<<?<?)(&\d|.*)?$/, // > file, 2>&1
  /^["'`]|["'`]$/, // quotes are part of the word
  /\*/, // *.log
  /\$[A-Za-z_({]/, // $HOME, $(date)
  /^~(\/|$)/,
];
