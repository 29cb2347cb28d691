/** Ports, files and folders that two components of an agent have, where each needs its own. */
import { resolve } from 'node:path';
import type { ComponentDefinition } from '../../component/kinds.ts';
import { type Exclusive, type OptionSpec, type OptionValues, plainSpec } from '../../config/options.ts';
import { expandHome } from '../../runtime/home-path.ts';
import type { ComponentModel } from '../model.ts';
import type { Findings } from './findings.ts';
import type { BuiltParts } from './graph-findings.ts';

type PathClaim = Extract<Exclusive, { path: unknown }>;

/** One port or path of one component. */
interface Claim {
  /** `source r1` */
  readonly owner: string;
  readonly component: ComponentModel<ComponentDefinition>;
  readonly option: string;
  readonly isWritten: boolean;
}
interface Port extends Claim {
  readonly protocol: 'tcp' | 'udp';
  /** Null: every address. */
  readonly host: string | null;
  readonly port: number;
}
interface Path extends Claim {
  readonly path: string;
  readonly what: PathClaim;
}

export function noteShared(parts: BuiltParts, findings: Findings): void {
  const ports: Port[] = [];
  const paths: Path[] = [];
  for (const [kind, components] of [
    ['channel', parts.channels],
    ['source', parts.sources],
    ['sink', parts.sinks],
  ] as const) {
    for (const component of components) {
      for (const port of portsOf(kind, component)) notePort(port, ports, findings);
      for (const path of pathsOf(kind, component)) notePath(path, paths, findings);
    }
  }
}

function notePort(port: Port, others: Port[], findings: Findings): void {
  const other = others.find((each) => meet(each, port));
  others.push(port);
  if (other === undefined) return;
  const by = other.owner === port.owner ? 'named twice' : `bound by ${other.owner}, too`;
  const text = `${port.owner}: port ${port.port} is ${by}: only one of them gets it`;
  findings.tell(placeOf(port), 'same-port', text, `give one of them another ${port.option}`);
}

const meet = (a: Port, b: Port): boolean =>
  a.port === b.port && a.protocol === b.protocol && (a.host === null || b.host === null || a.host === b.host);

function notePath(path: Path, others: Path[], findings: Findings): void {
  const other = others.find((each) => isWithin(each, path) || isWithin(path, each));
  others.push(path);
  if (other === undefined) return;
  const { owner, option } = path;
  const shown = path.isWritten ? path.path : `${path.path} by default`;
  const whose = other.owner === owner ? `its own ${other.option}` : `${other.option} of ${other.owner}`;
  const where =
    path.path === other.path
      ? `is ${shown}, and so is ${whose}`
      : isWithin(path, other)
        ? `is ${shown}, within ${whose}`
        : `is ${shown}, and ${whose} lies within`;
  const text = `${owner}: ${option} ${where}: each needs a place of its own for ${path.what.holds}`;
  findings.tell(placeOf(path), 'same-place', text, `give ${option} a place of its own`);
}

/** The same, or somewhere below a folder. */
const isWithin = (inner: Path, outer: Path): boolean =>
  inner.path === outer.path ||
  (outer.what.path === 'folder' && inner.path.startsWith(outer.path === '/' ? '/' : `${outer.path}/`));

function placeOf({ component, option }: Claim) {
  const spec = plainSpec(component.definition.options);
  const names = [option, ...(spec[option]?.oldNames ?? [])];
  const written = names.map((name) => component.properties.get(name)).find((each) => each !== undefined);
  return written?.valuePlace ?? component.properties.get('type')!.keyPlace;
}

function portsOf(kind: string, component: ComponentModel<ComponentDefinition>): Port[] {
  return exclusive(component).flatMap(({ name, values, claim, value }) => {
    if (!('port' in claim)) return [];
    const host = hostOf(values[claim.host]);
    return elements(value)
      .map(Number)
      .filter((port) => port > 0)
      .map((port) => ({ ...claimOf(kind, component, name), protocol: claim.port, host, port }));
  });
}

function pathsOf(kind: string, component: ComponentModel<ComponentDefinition>): Path[] {
  return exclusive(component).flatMap(({ name, claim, value }) =>
    'path' in claim
      ? elements(value).map((path) => ({
          ...claimOf(kind, component, name),
          path: resolve(expandHome(path)),
          what: claim,
        }))
      : [],
  );
}

const claimOf = (kind: string, component: ComponentModel<ComponentDefinition>, option: string): Claim => ({
  owner: `${kind} ${component.name}`,
  component,
  option,
  isWritten: component.properties.has(option),
});

function exclusive({ definition, options }: ComponentModel<ComponentDefinition>) {
  const values = plainValues(definition.options, options);
  return Object.entries(plainSpec(definition.options)).flatMap(([name, { exclusive: claim }]) =>
    claim === undefined ? [] : [{ name, claim, values, value: values[name] }],
  );
}

/** Values by the name that a configuration has, without groups. */
function plainValues(spec: OptionSpec, values: OptionValues<OptionSpec>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(spec).flatMap(([name, option]) =>
      option.kind === 'group' ? Object.entries(values[name] as object) : [[name, values[name]]],
    ),
  );
}

const elements = (value: unknown): string[] =>
  value === undefined ? [] : Array.isArray(value) ? value.map(String) : [String(value)];

function hostOf(value: unknown): string | null {
  const host = typeof value === 'string' ? value.trim().toLowerCase() : '';
  if (host === '' || host === '0.0.0.0' || host === '::') return null;
  return host === 'localhost' ? '127.0.0.1' : host;
}
