/** The writers of the model: what they write, and how they rotate, copy and delete it. Part of taildir-model.ts. */
import { FileGroup } from '../../../millrace/src/components/taildir/file-groups.ts';
import type { Chance } from '../oracle/seed.ts';
import { Compressing, type Suffix, suffixes } from './compressing.ts';
import type { Ledger, Line } from './ledger.ts';
import type { TailWorld, WorldFile } from './world.ts';

type Regime = 'rename' | 'copytruncate' | 'delete' | 'symlink';

/** A writer: the name it writes to, and how that name is rotated. */
export interface Stream {
  /** `path@group`. */
  readonly name: string;
  readonly path: string;
  readonly folder: string;
  readonly regime: Regime;
  /** Whether the pattern matches generations, too. */
  readonly wide: boolean;
  readonly keep: number;
  /** What rotated generations are compressed to, and how many of them are left as they are at first. */
  readonly compress: { readonly suffix: Suffix; readonly delay: number } | null;
  file: WorldFile | null;
  partial: { file: WorldFile; line: Line } | null;
  readonly compressing: Compressing;
  /** The end of the last file is the start of an event that goes on in the next. */
  begun: { line: Line; atMs: number } | null;
  /** A file was written to after it was rotated. */
  isMurky: boolean;
  /** A copy in the making. `own`: it may be taken for a file of its own. */
  copy: { to: WorldFile; path: string; copied: number; quietSinceMs: number; own: boolean } | null;
  /** Lives that the engine has looked at under the live name, so that later ones are known as generations. */
  readonly seen: Set<number>;
  /** What the file holds now was looked at. */
  seenContent: boolean;
  /** Lives that were rotated away before anybody looked at them. */
  readonly unseen: Set<number>;
  /** Since the end of a process nothing may be known of files that the path had. */
  unknown: boolean;
  generations: number;
}

const regimes: readonly Regime[] = ['rename', 'rename', 'copytruncate', 'delete', 'symlink'];
const names = ['app', 'err', 'web'];
/** A copy that stands still for longer than this may count as a file of its own. */
const ownAfterMs = 2000;
/** What goes on later than this may be an event of its own. */
const mostGapMs = 600;

export class Streams {
  readonly all: Stream[] = [];
  readonly folders: string[] = [];
  readonly #chance: Chance;
  readonly #world: TailWorld;
  readonly #ledger: Ledger;
  /** Whether an event has several lines, now and then. */
  readonly #multiline: boolean;
  readonly #note: (what: string) => void;
  readonly #nameless = new Set<WorldFile>();
  /** Device and inode of every file so far, with its stream's path, and the files that got those of another. */
  readonly #inodes = new Map<string, string>();
  readonly #reused = new Set<WorldFile>();
  #number = 0;

  constructor(
    chance: Chance,
    world: TailWorld,
    ledger: Ledger,
    multiline: boolean,
    note: (what: string) => void,
  ) {
    this.#chance = chance;
    this.#world = world;
    this.#ledger = ledger;
    this.#multiline = multiline;
    this.#note = note;
  }

  /** Folders, on one device or two, and one or two streams in each; every stream has a group. */
  draw(readCompressed: boolean): FileGroup[] {
    const chance = this.#chance;
    const groups: FileGroup[] = [];
    for (let i = 0; i < chance.int(1, 2); i++) {
      const folder = `/logs${i}`;
      this.folders.push(folder);
      this.#world.makeFolder(folder, BigInt(chance.int(0, 1)) + (1n << 60n));
      for (let j = 0; j < chance.int(1, 2); j++) {
        const path = `${folder}/${names[j]!}.log`;
        const wide = chance.bool();
        const group = `g${i}${j}`;
        const pattern = `${path.replace('.log', '\\.log')}${wide ? '.*' : ''}`;
        groups.push(new FileGroup(group, pattern, new Map([['group', group]])));
        this.all.push({
          ...{
            name: `${path}@${group}`,
            path,
            folder,
            wide,
            keep: chance.int(1, 4),
            regime: chance.pick(regimes),
            compress: readCompressed ? this.#drawCompress() : null,
            compressing: new Compressing(chance, this.#world, this.#ledger),
          },
          ...{ file: null, partial: null, begun: null, isMurky: false, copy: null, generations: 0 },
          ...{ seen: new Set<number>(), unseen: new Set<number>(), seenContent: false, unknown: false },
        });
      }
    }
    return groups;
  }

  #drawCompress(): Stream['compress'] {
    if (this.#chance.bool(0.3)) return null;
    return { suffix: this.#chance.pick(suffixes), delay: this.#chance.int(0, 1) };
  }

  write(stream: Stream): void {
    if (!this.#world.isThere(stream.folder)) return;
    this.complete(stream);
    this.goOn(stream);
    if (stream.file === null) this.#create(stream);
    const file = stream.file!;
    const { copy } = stream;
    const lines = this.#chance.int(1, 6);
    const first = this.#number;
    for (let i = 0; i < lines; i++) this.#append(stream, file, 0);
    if (copy === null && this.#chance.bool(0.2)) this.#append(stream, file, this.#chance.int(1, 20));
    this.#note(
      `wrote ${stream.path} life ${file.life}: ${first} to ${this.#number - 1}${stream.partial === null ? '' : ' half'}`,
    );
  }

  /** A line with its number at both ends, so that its pieces are known, too. `cut`: its newline comes later. */
  #append(stream: Stream, file: WorldFile, cut: number, indent = ''): Line {
    const number = this.#number++;
    const filler = 'x'.repeat(this.#chance.int(21, 60));
    // What is written in two goes is cut within the first line.
    const more = this.#multiline ? '\n at here'.repeat(this.#chance.int(0, 3)) : '';
    const text = `${indent}${stream.name}#${number}<${filler}${more}>${number}#${stream.name}`;
    const at = cut === 0 ? 0 : text.indexOf('<') + cut;
    const line = this.#ledger.write(file, stream.name, text, at);
    // Under an inode that was another file's while nobody looked, what is known of it may not be enough.
    if (this.#reused.has(file)) {
      line.mayRepeat++;
      line.maySplit = true;
    }
    this.#world.append(file, Buffer.from(cut === 0 ? `${text}\n` : text.slice(0, at)));
    if (cut > 0) stream.partial = { file, line };
    return line;
  }

  /** The last event before a rotation, which goes on in the next file. */
  #begin(stream: Stream): void {
    if (!this.#multiline || stream.copy !== null || !this.#chance.bool(0.6)) return;
    this.complete(stream);
    const line = this.#append(stream, stream.file!, 0);
    stream.begun = { line, atMs: this.#world.clockMs };
    this.#note(`began ${line.text.split('<')[0]} in life ${stream.file!.life}`);
  }

  /** The rest of an event that began before the rotation: what comes late is an event of its own. */
  goOn(stream: Stream): void {
    const { begun } = stream;
    if (begun === null || !this.#world.isThere(stream.folder)) return;
    stream.begun = null;
    if (stream.file === null) this.#create(stream);
    const { faults, listFaults, descriptors, clockMs } = this.#world;
    const isCalm = faults.size === 0 && listFaults.size === 0 && descriptors === Number.POSITIVE_INFINITY;
    const line = this.#append(stream, stream.file!, 0, ' ');
    this.#ledger.join(begun.line, line, stream.isMurky || !isCalm || clockMs - begun.atMs > mostGapMs);
    this.#note(`went on with ${line.text.split('<')[0]} in life ${stream.file!.life}`);
  }

  /** The second half of a line, which may come into a file that was renamed meanwhile. */
  complete(stream: Stream): void {
    if (stream.partial === null) return;
    const { file, line } = stream.partial;
    stream.partial = null;
    line.whole = true;
    // Written to after the next file was, its times don't tell any more which was first.
    if (file !== stream.file) {
      stream.isMurky = true;
      for (const other of this.#ledger.lines) other.maySplit ||= other.stream === stream.name;
    }
    this.#world.append(file, Buffer.from(`${line.text.slice(line.cut)}\n`));
  }

  #create(stream: Stream): void {
    if (stream.regime === 'symlink') {
      const target = `${stream.path}.${String(++stream.generations).padStart(3, '0')}`;
      stream.file = this.#make(stream, target);
      this.#world.symlink(target, stream.path);
    } else stream.file = this.#make(stream, stream.path);
    stream.seenContent = false;
    this.#note(`made ${stream.path} life ${stream.file.life} inode ${stream.file.ino - 2n ** 53n}`);
  }

  #make(stream: Stream, path: string): WorldFile {
    const file = this.#world.create(path);
    const key = `${file.dev}:${file.ino}`;
    const before = this.#inodes.get(key);
    if (before !== undefined) {
      this.#reused.add(file);
      this.#ledger.waive(before); // of an untouched file nothing tells it from the one that has its inode now
    }
    this.#inodes.set(key, stream.path);
    return file;
  }

  rotate(stream: Stream): void {
    if (stream.file === null || !this.#world.isThere(stream.folder)) return;
    this.goOn(stream);
    this.compress(stream, true);
    this.advance(5);
    this.#begin(stream);
    switch (stream.regime) {
      case 'rename':
        this.#unknownGeneration(stream);
        this.#shift(stream);
        this.#world.rename(stream.path, `${stream.path}.1`);
        this.#note(`renamed ${stream.path} life ${stream.file.life}`);
        stream.file = null;
        if (this.#chance.bool(0.7)) this.#create(stream);
        break;
      case 'symlink':
        this.#unknownGeneration(stream);
        for (const suffix of ['', stream.compress?.suffix ?? ''])
          this.#drop(`${stream.path}.${String(stream.generations - stream.keep).padStart(3, '0')}${suffix}`);
        this.#create(stream);
        break;
      case 'delete':
        this.complete(stream);
        this.#drop(stream.path);
        this.#note(`deleted ${stream.path}`);
        stream.file = null;
        if (this.#chance.bool(0.5)) this.#create(stream);
        break;
      case 'copytruncate':
        this.copy(stream, stream.begun === null ? undefined : false);
        break;
    }
    this.advance(5);
    if (this.#chance.bool(0.5)) this.goOn(stream);
  }

  /** A generation that nobody looked at under its live name is known as one only by a file of its path before it. */
  #unknownGeneration({ wide, seen, unseen, unknown, file }: Stream): void {
    // One that a pattern matches is known under the name under which it was seen first.
    if (!seen.has(file!.life)) for (const line of this.#ledger.linesIn(file!.life)) line.maySplit = true;
    if (wide || seen.has(file!.life)) return;
    unseen.add(file!.life);
    if (seen.size === 0 || unknown) this.#mayMiss(file!.life);
  }

  #mayMiss(life: number): void {
    for (const line of this.#ledger.linesIn(life)) line.mayMiss = true;
  }

  /** `x.2` to `x.3`, `x.1` to `x.2`; the oldest goes. */
  #shift({ path, keep, compress }: Stream): void {
    for (const suffix of ['', compress?.suffix ?? '']) {
      this.#drop(`${path}.${keep}${suffix}`);
      for (let n = keep - 1; n >= 1; n--)
        this.#world.rename(`${path}.${n}${suffix}`, `${path}.${n + 1}${suffix}`);
    }
  }

  /** Compresses what was rotated: begins with it, or goes on, a piece at a time. */
  compress(stream: Stream, all?: boolean): void {
    const { path, regime, compress, compressing, keep, generations } = stream;
    if (compress === null || stream.copy !== null || !this.#world.isThere(stream.folder)) return;
    if (compressing.now === null) {
      const n = 1 + compress.delay;
      const from =
        regime === 'symlink' ? `${path}.${String(generations - n).padStart(3, '0')}` : `${path}.${n}`;
      const file = this.#world.at(from);
      if (regime === 'delete' || n > keep || file === null || file === stream.file) return;
      if (file.links > 1) return; // gzip and zstd leave a file with a second name alone
      // A compressor is started once nobody writes to the file any more.
      if (file === stream.partial?.file) this.complete(stream);
      compressing.begin(from, compress.suffix, (name) => this.#make(stream, name));
      this.#note(`compresses ${from} life ${file.life}`);
    }
    const { file, from, to } = compressing.now!;
    if (!compressing.step(all)) return;
    this.#note(`compressed ${from} life ${file.life} to life ${to.life}`);
    // Of what was never read, and no pattern matches, only names and times tell, and inodes are given again meanwhile.
    const lines = this.#ledger.linesIn(to.life);
    const [first] = lines;
    if (!stream.wide && first?.stored !== true) for (const line of lines) line.mayMiss = true;
    // To be known for what it is an archive takes more than one look, and the lines of the next file wait for no more.
    for (const line of lines) line.maySplit = true;
    for (const lives of [stream.seen, stream.unseen]) if (lives.has(file.life)) lives.add(to.life);
    if (this.#reused.has(to)) for (const line of this.#ledger.linesIn(to.life)) line.mayRepeat++;
    this.#drop(from);
  }

  #drop(path: string): void {
    const file = this.#world.at(path);
    this.#world.unlink(path);
    if (file === null || file.links > 0) return;
    for (const { partial } of this.all) if (partial?.file === file) partial.line.mayMiss = true;
    // What is open can still be read; nobody may write to it, though, that would be lost here.
    if (file.opens > 0) this.#nameless.add(file);
    else this.#ledger.drop(file.life);
  }

  /** Files without a name that nobody has open any more. `alive`: no process ended that had them open. */
  dropNameless(alive = false): void {
    const { faults, descriptors } = this.#world;
    const calm = alive && faults.size === 0 && descriptors === Number.POSITIVE_INFINITY;
    for (const file of this.#nameless) {
      if (file.opens > 0) continue;
      this.#nameless.delete(file);
      if (calm) this.#ledger.mustBeRead(file.life);
      this.#ledger.drop(file.life);
    }
  }

  /** A piece of a copy, in whole events, or all of it; then the original is truncated. */
  copy(stream: Stream, slow = this.#chance.bool(0.5)): void {
    const file = stream.file!;
    if (stream.copy === null) {
      this.complete(stream);
      this.#shift(stream);
      const elsewhere = this.#chance.bool(0.1);
      if (elsewhere) {
        this.#truncate(stream);
        // Longer again before anybody looks, its size is taken for that of what was lost.
        this.#ledger.excuse(stream.path);
        return;
      }
      const path = `${stream.path}.1`;
      const to = this.#make(stream, path);
      // Where both are new to the engine it can't know which is the copy; nor under an inode of an untouched file.
      const own = !stream.seenContent || this.#reused.has(to);
      stream.copy = { to, path, copied: 0, quietSinceMs: this.#world.clockMs, own };
      // What is there of a copy in the making may have stood between a file and the one before.
      for (const line of this.#ledger.linesIn(file.life)) if (line.text.startsWith(' ')) line.maySplit = true;
    }
    const { copy } = stream;
    copy.own ||= this.#world.clockMs - copy.quietSinceMs > ownAfterMs;
    const left = file.content.length - copy.copied;
    const upTo = copy.copied + (slow ? this.#chance.int(0, left) : left);
    const last = file.content.subarray(0, upTo).lastIndexOf(`#${stream.name}\n`);
    const bytes = (last < 0 ? 0 : last + stream.name.length + 2) - copy.copied;
    if (bytes <= 0 && slow) return;
    this.#world.append(copy.to, file.content.subarray(copy.copied, copy.copied + bytes));
    copy.copied += bytes;
    copy.quietSinceMs = this.#world.clockMs;
    this.#note(`copied ${stream.path} life ${file.life} to life ${copy.to.life}: ${copy.copied}`);
    if (copy.copied < file.content.length || slow) return;
    const lines = this.#ledger.linesIn(file.life);
    for (const line of lines) this.#ledger.hold(copy.to.life, line);
    for (const line of lines) {
      if (!copy.own) continue;
      line.mayRepeat++;
      line.maySplit = true;
    }
    // A copy of what was never read can't be told from any other file.
    const [first] = lines;
    const known = first?.stored === true;
    for (const line of known ? [] : lines) {
      line.mayMiss ||= !stream.wide;
      line.maySplit = true;
    }
    this.#truncate(stream);
    stream.copy = null;
  }

  #truncate(stream: Stream): void {
    const file = stream.file!;
    const lines = this.#ledger.linesIn(file.life);
    const [first] = lines;
    // Of a file of which nothing was read nobody can tell that it was truncated, once it is as long again.
    if (first?.stored !== true) for (const line of lines) line.seen = false;
    this.#ledger.drop(file.life);
    this.#world.truncate(file);
    stream.seenContent = false;
    this.#note(`truncated ${stream.path} life ${file.life}`);
  }

  advance(ms: number): void {
    this.#world.clockMs += ms;
    if (ms > 3000) this.#world.faults.clear();
  }

  /** The engine looked at these paths. */
  looked(paths: ReadonlySet<string>): void {
    for (const stream of this.all) {
      if (stream.file === null || !paths.has(stream.path)) continue;
      const { faults, descriptors } = this.#world;
      const blind = faults.has(stream.path) || descriptors < Number.POSITIVE_INFINITY;
      // Under an inode that was another's, what can't be looked into may still be taken for that one.
      if (!blind || !this.#reused.has(stream.file)) stream.seen.add(stream.file.life);
      stream.seenContent = stream.file.content.length > 0;
      stream.unknown = false;
      // Of a file under an inode that was another's the engine may not know how much is unread.
      const reused = this.#reused.has(stream.file);
      for (const line of this.#ledger.linesIn(stream.file.life)) line.seen = line.whole && !reused;
    }
  }

  /** A process ended: what it had not told, and sizes that it saw, are forgotten; of a path that its files are known. */
  ended(): void {
    this.#ledger.waive();
    for (const line of this.#ledger.lines) line.seen = false;
    for (const stream of this.all) {
      if (stream.wide) continue;
      const there = this.#world.filesIn(stream.folder).map(({ life }) => life);
      const oldest = Math.min(...there.filter((life) => stream.seen.has(life)));
      stream.unknown = oldest === Number.POSITIVE_INFINITY;
      for (const life of stream.unseen) if (life < oldest) this.#mayMiss(life);
    }
  }

  /** A second name, which a wide pattern matches, too. */
  link(stream: Stream): void {
    const { file, path, folder, regime, wide, compressing } = stream;
    if (
      file === null ||
      compressing.now !== null ||
      !wide ||
      regime === 'symlink' ||
      !this.#world.isThere(folder)
    )
      return;
    // It may be seen first under that name, and goes on in no other file then.
    stream.isMurky = true;
    for (const line of this.#ledger.lines) line.maySplit ||= line.stream === stream.name;
    const name = `${path}.link`;
    if (this.#world.at(name) === null) this.#world.link(file, name);
    else this.#drop(name);
  }
}
