/** One finding about a configuration file or a damaged file on disk, as `millrace check` prints it. */
export interface Diagnostic {
  readonly file: string;
  /** 1-based; 0 where the finding has no place in the file. */
  readonly line: number;
  /** 1-based, in characters; 0 where the finding has no place in the line. */
  readonly column: number;
  readonly severity: 'error' | 'warning' | 'info';
  /** Stable, for programs: `unknown-key`, `unknown-type`, `bad-number`, … */
  readonly code: string;
  readonly message: string;
  /** What to write instead, or what to do. */
  readonly suggestion?: string;
  /** The component that is dropped for it, as the file names it: `a1.sinks.k1`. */
  readonly drops?: string;
  /** It is so only because this component is dropped, and needs no mending of its own; it stands behind that finding. */
  readonly follows?: string;
}

/** `file:line:column: severity: message (suggestion) [code]`, the form that editors make clickable. */
export function formatDiagnostic(d: Diagnostic): string {
  const place = d.line > 0 ? `${d.file}:${d.line}:${d.column}` : d.file;
  const hint = d.suggestion === undefined ? '' : ` (${d.suggestion})`;
  return printable(`${place === '' ? '' : `${place}: `}${d.severity}: ${d.message}${hint} [${d.code}]`);
}

/** Text from a file as one line for a terminal: control characters are shown as `\u001b`, never obeyed. */
export function printable(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    /[\u0000-\u001f\u007f-\u009f]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
