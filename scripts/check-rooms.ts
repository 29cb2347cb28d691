/**
 * Holds the order of the rooms: an import in packages/millrace/src may only go to the same room or one further down.
 * Prints every import that goes up, with its place; exit 1 when there is one. Every room named here must exist.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const src = resolve(import.meta.dirname, '../packages/millrace/src');

/** From top to bottom; rooms on one line are neighbours that don't know one another, except where `allowed` says so. */
const floors: readonly (readonly string[])[] = [
  ['cli'],
  ['server'],
  ['agent'],
  ['components'],
  ['component'],
  ['broker'],
  ['client'],
  ['log'],
  ['protocol'],
  ['records'],
  ['config'],
  ['java'],
  ['runtime'],
];
/** Imports that go down the list but are forbidden all the same. */
const forbidden: readonly (readonly [from: string, to: string])[] = [
  ['agent', 'broker'],
  ['components', 'broker'],
  ['component', 'broker'],
  ['server', 'components'],
];

const floorOf = new Map(floors.flatMap((rooms, floor) => rooms.map((room) => [room, floor] as const)));
const faults: string[] = [];

for (const room of floorOf.keys()) {
  if (!existsSync(join(src, room))) faults.push(`${room}/: the room is gone, but the rule still names it`);
}
for (const entry of readdirSync(src)) {
  if (statSync(join(src, entry)).isDirectory() && !floorOf.has(entry)) {
    faults.push(`${entry}/: not a room; add it to floors in scripts/check-rooms.ts and docs/architecture.md`);
  }
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
  const room = path.split('/')[0]!;
  const floor = floorOf.get(room);
  if (floor === undefined) continue; // index.ts: the published entry, may name any room
  if (path.endsWith('.test.ts')) continue; // a test may look wherever it must
  const text = readFileSync(file, 'utf8');
  for (const match of text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'|new URL\('(\.[^']+)'/g)) {
    const target = relative(src, resolve(file, '..', match[1] ?? match[2]!)).split('/')[0]!;
    const targetFloor = floorOf.get(target);
    if (target === room || targetFloor === undefined) continue;
    const line = text.slice(0, match.index).split('\n').length;
    if (targetFloor <= floor || forbidden.some(([from, to]) => from === room && to === target)) {
      faults.push(`${path}:${line}: ${room}/ may not import ${target}/`);
    }
  }
}

for (const fault of faults) console.error(fault);
if (faults.length > 0) console.error('The order of the rooms is in docs/architecture.md.');
process.exitCode = faults.length > 0 ? 1 : 0;
