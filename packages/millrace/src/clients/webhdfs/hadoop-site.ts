import { MillraceError } from '../../runtime/errors.ts';

/** A larger file is none of Hadoop's settings. */
export const longestSiteBytes = 8 * 1024 * 1024;
const deepest = 8;
const mostProperties = 20_000;

/** What one of Hadoop's XML files sets, in its order; a later one of the same name wins, unless an earlier is final. */
export interface SiteProperty {
  readonly name: string;
  readonly value: string;
  readonly final: boolean;
}

/**
 * Reads `core-site.xml` and the like (Hadoop's Configuration): `<property>` with `<name>`, `<value>`, `<final>`, as
 * elements or attributes. Entities of a DTD are none here and end the reading, as do includes: nothing outside of the
 * file is ever read. Throws `CONFIG_INVALID` with file and line.
 */
export async function readSite(text: string, file: string): Promise<SiteProperty[]> {
  const { default: sax } = await import('sax');
  const parser = sax.parser(true, { strictEntities: true, position: true } as never);
  const properties: SiteProperty[] = [];
  const path: string[] = [];
  let hasBegun = false;
  let fields: Record<string, string> = {};
  const refuse = (why: string): never => {
    throw new MillraceError('CONFIG_INVALID', `${file}:${parser.line + 1}: ${why}`, {
      remedy: 'Mend the file; it is written as Hadoop has it.',
      details: { file },
    });
  };
  const add = (property: Record<string, string>) => {
    const { name = '', value, final = '' } = property;
    if (name.trim() === '' || value === undefined) return;
    if (properties.length >= mostProperties) refuse(`it has more than ${mostProperties} properties`);
    properties.push({ name: name.trim(), value: value.trim(), final: final.trim() === 'true' });
  };
  parser.onerror = (error) => refuse(error.message.split('\n')[0]!);
  parser.onopentag = ({ name, attributes }) => {
    if (path.length === 0 && name !== 'configuration')
      refuse(`it begins with <${name}>, not <configuration>`);
    if (path.length >= deepest) refuse('its elements are too deep');
    if (/(^|:)include$/.test(name))
      refuse(
        `it includes ${String(attributes.href ?? 'another file')}, which is not read: write it into one`,
      );
    if (name === 'property') fields = { ...(attributes as Record<string, string>) };
    else if (path.at(-1) === 'property') fields[name] = '';
    path.push(name);
    hasBegun = true;
  };
  const onText = (text: string) => {
    const name = path.at(-1)!;
    if (path.at(-2) === 'property' && Object.hasOwn(fields, name)) fields[name] += text;
  };
  parser.ontext = onText;
  parser.oncdata = onText;
  parser.onclosetag = (name) => {
    path.pop();
    if (name === 'property') add(fields);
  };
  parser.write(text).close();
  if (!hasBegun) refuse('it is empty');
  return properties;
}

/** All that several files set, the later over the earlier. */
export function mergeSites(sites: readonly (readonly SiteProperty[])[]): Map<string, string> {
  const settings = new Map<string, string>();
  const fixed = new Set<string>();
  for (const { name, value, final } of sites.flat()) {
    if (fixed.has(name)) continue;
    settings.set(name, value);
    if (final) fixed.add(name);
  }
  return settings;
}

const mostReplacements = 20;

/** A setting with what it names put in: `${other.setting}`, `${env.NAME}`; undefined: it is not set. */
export function settingOf(
  settings: ReadonlyMap<string, string>,
  name: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  let value = settings.get(name);
  for (let tried = 0; value !== undefined && tried < mostReplacements; tried++) {
    const reference = /\$\{([^}$\s]+)\}/.exec(value);
    if (reference === null) break;
    const key = reference[1]!;
    const put = key.startsWith('env.') ? env[key.slice(4)] : settings.get(key);
    if (put === undefined) break; // as in Hadoop, it stays as it is written
    value = value.slice(0, reference.index) + put + value.slice(reference.index + reference[0].length);
  }
  return value;
}
