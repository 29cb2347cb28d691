/**
 * Holds the order of the rooms: an import in packages/millrace/src may only go to the same room or one further down.
 * Within the broker and the Kafka client the folders are layers by the same rule, and a family of components imports no
 * other. Prints every import that goes where it may not, with its place; exit 1 when there is one. Every room and layer
 * named here must exist, and every folder be named.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const src = resolve(import.meta.dirname, '../packages/millrace/src');

/**
 * From top to bottom; those on one line are neighbours that don't know one another. `.` is the files of the folder
 * itself, but for those that are named.
 */
type Floors = readonly (readonly string[])[];

const rooms: Floors = [
  ['cli'],
  ['process'],
  ['agent'],
  ['components'],
  ['component'],
  ['broker'],
  ['clients'],
  ['queues'],
  ['log'],
  ['protocol'],
  ['records'],
  ['formats'],
  ['config'],
  ['net'],
  ['java', 'tracking'],
  ['runtime'],
];
const layers: Readonly<Record<string, Floors>> = {
  agent: [['.'], ['configuration', 'running', 'explanation'], ['model.ts']],
  broker: [
    ['.'],
    ['network'],
    ['requests'],
    ['transactions'],
    ['group', 'security'],
    ['storage'],
    ['settings'],
    ['core'],
  ],
  'clients/kafka': [['settings'], ['mirror'], ['admin'], ['producer', 'consumer'], ['.'], ['security']],
};
/** Imports that go down the list but are forbidden all the same. */
const forbidden: readonly (readonly [from: string, to: string])[] = [
  ['agent', 'broker'],
  ['components', 'broker'],
  ['component', 'broker'],
  ['process', 'components'],
];

const faults: string[] = [];

interface Order {
  readonly folder: string;
  readonly floorOf: ReadonlyMap<string, number>;
}

/** The floors of a folder, once it is sure that they are all that there is. */
function orderOf(folder: string, floors: Floors): Order {
  const floorOf = new Map(floors.flatMap((names, floor) => names.map((name) => [name, floor] as const)));
  const within = folder === '' ? '' : `${folder}/`;
  for (const name of floorOf.keys()) {
    if (!existsSync(join(src, folder, name)))
      faults.push(`${within}${name}/: it is gone, but the rule still names it`);
  }
  for (const entry of readdirSync(join(src, folder))) {
    if (statSync(join(src, folder, entry)).isDirectory() && !floorOf.has(entry)) {
      faults.push(`${within}${entry}/: not known; add it to scripts/check-rooms.ts and docs/architecture.md`);
    }
  }
  return { folder, floorOf };
}

const orders = [
  orderOf('', rooms),
  ...Object.entries(layers).map(([folder, floors]) => orderOf(folder, floors)),
];

/** The name of the room or layer that a path below `folder` is in; undefined where it is not below it. */
function nameIn(folder: string, path: string, floorOf?: ReadonlyMap<string, number>): string | undefined {
  if (folder !== '' && !path.startsWith(`${folder}/`)) return undefined;
  const [first, ...more] = (folder === '' ? path : path.slice(folder.length + 1)).split('/');
  return more.length > 0 || floorOf?.has(first!) === true ? first : '.';
}

/** What forbids the import, in words; null: nothing does. */
function faultOf(path: string, target: string): string | null {
  for (const { folder, floorOf } of orders) {
    const [from, to] = [nameIn(folder, path, floorOf), nameIn(folder, target, floorOf)];
    if (from === undefined || to === undefined || from === to) continue;
    const [fromFloor, toFloor] = [floorOf.get(from), floorOf.get(to)];
    if (fromFloor === undefined || toFloor === undefined) continue; // index.ts of the package may name any room
    if (toFloor <= fromFloor) return `${join(folder, from)}/ may not import ${join(folder, to)}/`;
    if (folder === '' && forbidden.some(([a, b]) => a === from && b === to))
      return `${from}/ may not import ${to}/`;
  }
  const [family, other] = [nameIn('components', path), nameIn('components', target)];
  if (family !== undefined && other !== undefined && family !== '.' && family !== other) {
    return `the family ${family}/ may not import ${other === '.' ? 'what names all families' : `the family ${other}/`}`;
  }
  return null;
}

function* sourceFiles(dir: string): Generator<string> {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) yield* sourceFiles(path);
    else if (entry.name.endsWith('.ts')) yield path;
  }
}

for (const file of sourceFiles(src)) {
  const path = relative(src, file);
  if (path.endsWith('.test.ts')) continue; // a test may look wherever it must
  const text = readFileSync(file, 'utf8');
  for (const match of text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'|new URL\('(\.[^']+)'/g)) {
    const target = relative(src, resolve(file, '..', match[1] ?? match[2]!));
    const fault = faultOf(path, target);
    if (fault === null) continue;
    faults.push(`${path}:${text.slice(0, match.index).split('\n').length}: ${fault}`);
  }
}

for (const fault of faults) console.error(fault);
if (faults.length > 0) console.error('The order of the rooms is in docs/architecture.md.');
process.exitCode = faults.length > 0 ? 1 : 0;
