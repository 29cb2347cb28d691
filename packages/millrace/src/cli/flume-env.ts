/**
 * `flume-env.sh` in the folder that `-c` names. Flume's script runs it for what it sets; here it is read and never run:
 * the `-D` properties in JAVA_OPTS and the folders of FLUME_CLASSPATH count, and what can't be understood without a shell
 * is told.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorText, hasErrno } from '../runtime/errors.ts';

export interface FlumeEnv {
  /** `-D` properties, those of later lines over those of earlier ones. */
  readonly properties: ReadonlyMap<string, string>;
  /** FLUME_CLASSPATH as it is set; empty: it is not. */
  readonly classPath: string;
  /** `FILE:LINE: what is not taken over`, one for each such line. */
  readonly notes: readonly string[];
}

/** Variables that are for the JVM or for Flume's class path: there is neither, and nothing is lost by that. */
const withoutEffect = new Set([
  'JAVA_HOME',
  'FLUME_CLASSPATH', // but for classpath: URIs and flume.opts
  'LD_LIBRARY_PATH',
  'HADOOP_HOME',
  'HBASE_HOME',
]);

/** Nothing where the folder has no such file. */
export function readFlumeEnv(folder: string, env: Readonly<Record<string, string | undefined>>): FlumeEnv {
  const file = join(folder, 'flume-env.sh');
  try {
    return parseFlumeEnv(readFileSync(file, 'utf8'), file, env);
  } catch (error) {
    const notes = hasErrno(error, 'ENOENT', 'ENOTDIR') ? [] : [`${file} can't be read: ${errorText(error)}`];
    return { properties: new Map(), classPath: '', notes };
  }
}

export function parseFlumeEnv(
  text: string,
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): FlumeEnv {
  const properties = new Map<string, string>();
  const notes: string[] = [];
  const variables = new Map<string, string>();
  const variable = (name: string) =>
    variables.get(name) ?? (Object.hasOwn(env, name) ? env[name] : undefined);
  const lines = text.split(/\r?\n/);
  for (let i = 0; i < lines.length; i++) {
    const number = i + 1;
    let line = lines[i]!;
    while (line.endsWith('\\') && i + 1 < lines.length) line = `${line.slice(0, -1)} ${lines[++i]!.trim()}`;
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const note = (what: string) => notes.push(`${file}:${number}: ${what}`);
    const assignment = /^(?:export\s+)?([A-Za-z_]\w*)=(.*)$/.exec(trimmed);
    if (assignment === null) {
      note('is not read: the file is not run, only NAME=VALUE counts');
      continue;
    }
    const [, name = '', written = ''] = assignment;
    const value = shellValue(written, variable);
    if (value === null) {
      note(`${name} is not read: its value needs a shell`);
      continue;
    }
    variables.set(name, value.text);
    if (name === 'JAVA_OPTS' || name === 'FLUME_JAVA_OPTS') {
      for (const word of value.text.split(/\s+/)) {
        const property = /^-D([^=]+)(?:=(.*))?$/.exec(word);
        if (property !== null) properties.set(property[1]!, property[2] ?? 'true');
      }
    } else if (!withoutEffect.has(name)) {
      note(`${name} has no effect: only the -D properties of JAVA_OPTS are read`);
    }
    if (value.unset.length > 0) note(`${value.unset.join(', ')} is not set; it counts as empty`);
  }
  return { properties, classPath: variables.get('FLUME_CLASSPATH') ?? '', notes };
}

/** One word of a shell, its quotes taken off and its variables put in; null where it holds more than that. */
function shellValue(
  written: string,
  variable: (name: string) => string | undefined,
): { text: string; unset: string[] } | null {
  const unset: string[] = [];
  let text = '';
  const part = /'([^']*)'|"((?:[^"\\]|\\.)*)"|((?:[^\s'"\\#;&|<>()`]|\\.)+)/gy;
  let at = 0;
  for (let match = part.exec(written); match !== null; match = part.exec(written)) {
    at = part.lastIndex;
    const [, single, double, bare] = match;
    const raw = single ?? double ?? bare ?? '';
    if (single !== undefined) text += raw;
    else {
      if (/`|\$\(/.test(raw)) return null;
      text += raw.replace(/\\(.)|\$\{?([A-Za-z_]\w*)\}?/g, (_, escaped?: string, name?: string) => {
        if (escaped !== undefined) return escaped;
        const value = variable(name!);
        if (value === undefined && name !== 'JAVA_OPTS') unset.push(name!);
        return value ?? '';
      });
    }
  }
  const rest = written.slice(at).trim();
  return rest === '' || rest.startsWith('#') ? { text, unset } : null;
}
