import type { Logger } from '../../runtime/logger.ts';
import type { Pace } from '../../tracking/pace.ts';
import type { SourceFiles } from '../../tracking/source-files.ts';
import { decide, groupOf } from './decide.ts';
import { birthOf } from './decide-found.ts';
import type { FileGroup } from './file-groups.ts';
import { FolderTree, type KnownPlace } from './folder-tree.ts';
import { OpenFiles } from './open-files.ts';
import { PackedAnswers } from './packed-answers.ts';
import { Probe } from './probe.ts';
import { liveNames, type SeenFile, type Snapshot, Snapshotter } from './snapshot.ts';
import {
  type Awaited,
  copyWaitMs,
  type Decision,
  type Memory,
  type Settings,
  type Start,
  type Step,
} from './table.ts';
import { TailedFile } from './tailed-file.ts';
import { WholeLooks } from './whole-looks.ts';

export interface FileSetOptions extends Settings {
  readonly files: SourceFiles;
  readonly pace: Pace;
  readonly cachePatternMatching: boolean;
  /** Compressed files are read as what they hold. */
  readonly readCompressed: boolean;
  /** Header that shows the path, or undefined. */
  readonly fileHeaderKey: string | undefined;
  readonly log: Logger;
  /** Tells of bytes that are lost for good, and why. */
  readonly lost: (file: string, bytes: number, why: string) => void;
  /** What a scan was decided by. */
  readonly looked: (snapshot: Snapshot) => void;
  /** A file is tailed from now on. */
  readonly added: (file: TailedFile) => void;
  /** A file is tailed no longer; then one of these says what is kept of it. */
  readonly removed: (file: TailedFile) => void;
  /** A copy of what it held may turn up. */
  readonly awaited: (file: TailedFile) => void;
  /** Nothing of it is needed any more. */
  readonly forgotten: (file: TailedFile) => void;
}

/** Rounds of looking and deciding in one scan; each asks for more than the last, so few are needed. */
const mostRounds = 8;

/** The files that are tailed: looks at the folders, has the table decide, and does what it says. */
export class FileSet {
  readonly open: OpenFiles;
  /** With the groups as they are now. */
  #options: FileSetOptions;
  readonly #tree: FolderTree;
  readonly #snapshotter: Snapshotter;
  readonly #files = new Set<TailedFile>();
  /** Of files that are tailed no longer, those whose content may turn up in a copy. */
  #awaited = new Set<TailedFile>();
  readonly #told = new Map<string, string>();
  #order: readonly TailedFile[] = [];
  #memory: Memory;
  readonly #wholeLooks = new WholeLooks();
  readonly #packed = new PackedAnswers();
  #first = true;

  /** `stored`: what earlier runs left. */
  constructor(options: FileSetOptions, stored: readonly TailedFile[]) {
    this.#tree = new FolderTree(options.files, options.groups);
    // What was known of a folder that is away is not forgotten for that.
    const groups = this.#tree.lookNow(stored.map((file) => ({ ...placeOf(file), isOpen: true })));
    this.#options = { ...options, groups };
    this.open = new OpenFiles(options.files);
    this.#snapshotter = new Snapshotter(
      options.files,
      groups,
      { cacheListing: options.cachePatternMatching, readCompressed: options.readCompressed },
      options.pace,
    );
    const folders = new Set(groups.map(({ folder }) => folder));
    const since = new Map<string, { key: string | null; birthMs: number; mtimeMs: number }>();
    this.#memory = { awaited: [], doubts: new Map(), fresh: folders, since };
    // Where a kill left both notes behind, a copy was found of what the other one awaits.
    const found = new Set(stored.flatMap((file) => (file.awaited ? [] : [file.progressId])));
    for (const file of stored) {
      // A file that no pattern means any more is none of ours.
      if (file.path !== null && !this.#home(file, file.path)) continue;
      if (!file.awaited) this.#files.add(file);
      else if (file.path !== null && file.mark.headBytes > 0 && !found.has(file.progressId))
        this.#awaited.add(file);
      const { path, key, birthMs } = file;
      if (path === null) continue;
      const oldest = since.get(path);
      if (oldest === undefined || birthMs < oldest.birthMs) since.set(path, { key, birthMs, mtimeMs: 0 });
    }
  }

  /**
   * In the order in which they are to be read: old generations first, then group by group, oldest first. As of the last
   * scan: some may have been removed since.
   */
  get order(): readonly TailedFile[] {
    return this.#order;
  }

  get all(): Iterable<TailedFile> {
    return this.#files;
  }

  get awaited(): Iterable<TailedFile> {
    return this.#awaited;
  }

  has(file: TailedFile): boolean {
    return this.#files.has(file);
  }

  get size(): number {
    return this.#files.size;
  }

  remove(file: TailedFile): void {
    this.open.close(file);
    if (!this.#files.delete(file)) return;
    this.#options.removed(file);
    if (this.#awaited.has(file)) this.#options.awaited(file);
    else this.#options.forgotten(file);
  }

  /** Looks what is there now. */
  async scan(nowMs: number): Promise<void> {
    const { files, pace } = this.#options;
    if (!this.#tree.isFixed) await this.#lookForFolders();
    const known = [...this.#files];
    const whole = this.#wholeLooks.due(known, nowMs);
    if (this.#first) {
      for (const { folder } of this.#options.groups) whole.add(folder);
      this.#memory = { ...this.#memory, awaited: this.#storedAwaited(nowMs) };
    }
    this.#packed.begin();
    const probe = new Probe(files, pace, this.#packed);
    let snapshot = await this.#snapshotter.take(whole);
    let decision: Decision<TailedFile>;
    for (let round = 0; ; round++) {
      decision = decide(known, this.#memory, snapshot, probe, this.#options, nowMs);
      await pace.breath();
      const more = [...decision.wanted].filter((folder) => !whole.has(folder));
      if (round === mostRounds) break;
      if (more.length > 0) {
        for (const folder of more) whole.add(folder);
        snapshot = await this.#snapshotter.take(whole);
      } else if (!(await probe.answer())) break;
    }
    this.#tellFolders(snapshot);
    this.#options.looked(snapshot);
    this.#memory = decision.memory;
    const before = this.#awaited;
    this.#awaited = new Set(decision.memory.awaited.map(({ file }) => file as TailedFile));
    // First what is new: killed on the way, a restart must still know that something was known of its path.
    for (const step of decision.steps) {
      if (step.do !== 'start') continue;
      if (pace.due()) await pace.breath();
      this.#start(step, snapshot, nowMs);
    }
    for (const step of decision.steps) {
      if (step.do === 'start') continue;
      if (pace.due()) await pace.breath();
      this.#do(step, snapshot);
    }
    for (const file of before) if (!this.#awaited.has(file)) this.#options.forgotten(file);
    // Only now it is known which of the open files have more to read: the decision took them for open.
    if (snapshot.outOfDescriptors || probe.outOfDescriptors) this.open.relieve();
    else this.open.ease();
    const why = 'they were overwritten or deleted before they were read, and no copy of them was found';
    for (const { path, bytes } of decision.losses) this.#options.lost(path, bytes, why);
    this.#wholeLooks.note(this.#files, snapshot, whole, decision.unclear, nowMs);
    this.#order = this.#inOrder(snapshot);
    this.#first = false;
  }

  async #lookForFolders(): Promise<void> {
    const { pace, groups: before, log } = this.#options;
    // A copy of what an awaited file held may turn up where it was.
    const awaited = [...this.#awaited].map((file) => ({ ...placeOf(file), isOpen: true }));
    const groups = await this.#tree.look([...[...this.#files].map(placeOf), ...awaited], pace);
    for (const tree of this.#tree.tooLarge) {
      if (this.#told.has(tree)) continue;
      this.#told.set(tree, 'too large');
      log.warn(`${tree} has more folders, or deeper ones, than are looked at; the others are passed over`);
    }
    if (groups.length === before.length && groups.every((group, i) => group === before[i])) return;
    this.#options = { ...this.#options, groups };
    this.#snapshotter.lookAt(groups);
  }

  /** What an earlier run waited for. */
  #storedAwaited(nowMs: number): Awaited[] {
    return [...this.#awaited].map((file) =>
      this.#awaitedOf(file, Math.max(0, file.largestSize - file.position), nowMs),
    );
  }

  #awaitedOf(file: TailedFile, unreadBytes: number, nowMs: number): Awaited {
    const { position, mark, at } = file;
    const path = file.path!;
    const names = [...new Set([path, at ?? path])];
    const group = groupOf(this.#options, path)!;
    return { file, path, names, group, position, mark, unreadBytes, untilMs: nowMs + copyWaitMs };
  }

  /** Lets a file go that has no name any more and was read to its end. Compressed it may be there: it is not read again. */
  letGo(file: TailedFile, nowMs: number): void {
    const isKnown = file.mark.headBytes > 0 && file.path !== null;
    if (this.#options.readCompressed && isKnown && groupOf(this.#options, file.path!) !== undefined) {
      const awaited = [...this.#memory.awaited, this.#awaitedOf(file, 0, nowMs)];
      this.#memory = { ...this.#memory, awaited };
      this.#awaited.add(file);
    }
    this.remove(file);
  }

  #do(step: Exclude<Step<TailedFile>, Start>, snapshot: Snapshot): void {
    switch (step.do) {
      case 'follow':
      case 'rest':
      case 'resume':
      case 'hold':
        this.#found(step.file, step.seen, snapshot, step.do !== 'hold');
        if (step.do === 'resume') step.file.phase = 'ready';
        if (step.do === 'hold') step.file.phase = 'waiting';
        step.file.last = step.do === 'hold' ? null : step.seen;
        return;
      case 'drain':
        step.file.gone = true;
        return;
      case 'keep':
        return;
      case 'missed':
        step.file.missedLooks += 1;
        return;
      case 'forget':
        this.#forget(step.file, step.why);
        return;
      case 'dissolve':
        this.#tellDissolved(step.file, step.seen);
        this.remove(step.file);
        return;
    }
  }

  #found(file: TailedFile, seen: SeenFile, snapshot: Snapshot, isKnown: boolean): void {
    file.at = seen.path;
    file.gone = false;
    file.missedLooks = 0;
    // What can't be looked into may be another file under the same inode; then its size says nothing of this one.
    const isIt = isKnown || file.birthMs === 0 || file.birthMs === seen.birthMs;
    if (isIt && seen.packing === null) file.largestSize = Math.max(file.largestSize, seen.size);
    if (isKnown && seen.packing === null) file.birthMs = seen.birthMs;
    file.folderDev = snapshot.folders.get(seen.folder)!.dev;
    if (file.key !== seen.key) {
      file.key = seen.key;
      file.dev = BigInt(seen.key.slice(0, seen.key.indexOf(':')));
    }
    if (file.path === null) this.#nameAfter(file, seen);
  }

  /** Where only the journal knew a file: its lines were written under the live name. */
  #nameAfter(file: TailedFile, seen: SeenFile): void {
    const live = liveNames(seen).map((name) => `${seen.folder}/${name}`);
    const path =
      seen.group !== null ? seen.path : live.find((it) => groupOf(this.#options, it) !== undefined);
    if (path === undefined || !this.#home(file, path)) this.remove(file);
    else file.path = path;
  }

  /** Gives a file the headers of the group to which a path belongs; false where it belongs to none. */
  #home(file: TailedFile, path: string): boolean {
    const group = groupOf(this.#options, path);
    if (group === undefined) return false;
    file.headers = this.#headers(group, path);
    return true;
  }

  #headers(group: FileGroup, path: string): ReadonlyMap<string, string> {
    const { fileHeaderKey } = this.#options;
    return fileHeaderKey === undefined ? group.headers : new Map([...group.headers, [fileHeaderKey, path]]);
  }

  #start(start: Start, snapshot: Snapshot, nowMs: number): void {
    const { seen, position, mark, path, group, continues } = start;
    const { ino, key, packing } = seen;
    const birthMs = birthOf(seen, continues);
    const known = continues instanceof TailedFile ? continues : null;
    // A copy that lacks some of what was read is another content to the channels.
    const goesOn = known?.position === position ? { progressId: known.progressId, ahead: known.ahead } : {};
    const file = new TailedFile({
      ...{ key, ino, path, birthMs, place: { position, mark }, headers: this.#headers(group, path) },
      ...goesOn,
      dev: BigInt(key.slice(0, key.indexOf(':'))),
      folderDev: snapshot.folders.get(seen.folder)!.dev,
    });
    if (known !== null) {
      file.deliveries = known.deliveries;
      file.deliveries.owner = file;
      file.stored = known.stored;
      file.copyOf = known.copyOf ?? (known.wasAwaited ? null : known.identity);
      if (known.position === position) file.tail = known.tail;
    }
    file.at = seen.path;
    file.last = seen;
    file.largestSize = packing === null ? seen.size : 0;
    file.lastGrowthMs = nowMs;
    file.phase = start.isRead === true ? 'asleep' : 'ready';
    if (start.isRead === true) file.packedBytes = seen.storedBytes;
    this.#files.add(file);
    this.#options.added(file);
  }

  #forget(file: TailedFile, why: 'gone' | 'replaced' | 'too many'): void {
    const { log } = this.#options;
    const at = `${file.path ?? file.shownPath} (inode ${file.ino})`;
    if (why === 'too many')
      log.warn(`${at} has been away for long, and many others too: its position is let go`);
    else if (why === 'gone') log.info(`${at} is gone; it was read up to byte ${file.position}`);
    this.remove(file);
  }

  #tellDissolved({ position, path, ino }: TailedFile, seen: SeenFile): void {
    const { log } = this.#options;
    const name = path ?? seen.path;
    if (seen.size < position)
      log.info(
        `Pos ${position} is larger than file size! Restarting from pos 0, file: ${name}, inode: ${ino}`,
      );
    else log.info(`${seen.path} (inode ${ino}) holds other lines than before; reading it from the start`);
  }

  /** Each state of a folder is told once. */
  #tellFolders(snapshot: Snapshot): void {
    for (const { name, folder, isPart } of this.#options.groups) {
      const { state, problem } = snapshot.folders.get(folder)!;
      const key = isPart ? `${name} ${folder}` : name;
      const before = this.#told.get(key) ?? 'listed';
      // Within a tree folders come and go.
      if (state === before || (isPart && state === 'absent')) continue;
      this.#told.set(key, state);
      const what =
        state === 'absent'
          ? `Directory does not exist: ${folder}`
          : `Can't read the folder ${folder}: ${problem}`;
      if (state !== 'listed') this.#options.log.warn(`${what} (filegroups.${name}); waiting for it`);
    }
  }

  #inOrder(snapshot: Snapshot): readonly TailedFile[] {
    const byKey = new Map<string | null, TailedFile>();
    for (const file of this.#files) byKey.set(file.key, file);
    const live = new Set<TailedFile>();
    for (const { key } of snapshot.matching) {
      const file = byKey.get(key);
      if (file !== undefined) live.add(file);
    }
    const generations = [...this.#files].filter((file) => !live.has(file));
    generations.sort((a, b) => (a.last?.mtimeMs ?? 0) - (b.last?.mtimeMs ?? 0));
    return [...generations, ...live];
  }
}

const placeOf = ({ at, path, folderDev, isOpen }: TailedFile): KnownPlace => ({
  at,
  path,
  folderDev,
  isOpen,
});
