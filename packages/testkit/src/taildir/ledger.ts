/** What was written, where it stands, and what arrived: by it each line's due is known. Part of taildir-model.ts. */
import type { WorldFile } from './world.ts';

/** A line that was written, and what is owed for it. */
export interface Line {
  readonly text: string;
  readonly stream: string;
  /** Lives of the files that hold it now. */
  readonly in: Set<number>;
  /** Its newline is written. */
  whole: boolean;
  /** Where its first write ended, in bytes of the text; 0: it was written at once. */
  cut: number;
  /** Times it was put into the channel, as a whole or in two pieces. */
  puts: number;
  /** Puts of its first piece and of its second. */
  firstPuts: number;
  secondPuts: number;
  /** Arrivals: puts that the channel did not lose. */
  arrivals: number;
  firstArrivals: number;
  secondArrivals: number;
  /** Puts beyond one that an accident explains. */
  mayRepeat: number;
  /** An accident took it before it could be read. */
  mayMiss: boolean;
  /** It was taken: a restart knows the file by it. */
  stored: boolean;
  /** The process that runs looked at its file since it was written. */
  seen: boolean;
  /** The other part of its event, in the file before or in the next one; null: it is an event. */
  other: Line | null;
  /** An accident may have kept the two parts of its event from being put together. */
  maySplit: boolean;
}

export interface Put {
  readonly lines: readonly { line: Line; piece: 'whole' | 'first' | 'second' }[];
  settle: ((fate: 'delivered' | 'held' | 'lost') => void) | null;
  counted: boolean;
}

export class Ledger {
  readonly lines: Line[] = [];
  readonly #byText = new Map<string, Put['lines']>();
  /** Events that were put as one though they stand in two files. */
  joined = 0;
  /** Lines by the life of a file that holds them. */
  readonly #inLife = new Map<number, Set<Line>>();
  readonly faults: string[] = [];
  /** Lines that were seen and whose file went before they were read: what must be told of, in bytes by path. */
  readonly #owed = new Set<Line>();
  readonly #told = new Map<string, number>();
  readonly #excused = new Map<string, number>();

  write(file: WorldFile, stream: string, text: string, cut: number): Line {
    const line: Line = {
      ...{ text, stream, in: new Set<number>(), whole: cut === 0, cut, puts: 0, firstPuts: 0, secondPuts: 0 },
      ...{
        arrivals: 0,
        firstArrivals: 0,
        secondArrivals: 0,
        mayRepeat: 0,
        mayMiss: false,
        stored: false,
        seen: false,
        other: null,
        maySplit: false,
      },
    };
    this.lines.push(line);
    this.#byText.set(text, [{ line, piece: 'whole' }]);
    if (cut > 0) {
      this.#byText.set(text.slice(0, cut), [{ line, piece: 'first' }]);
      this.#byText.set(text.slice(cut), [{ line, piece: 'second' }]);
    }
    this.hold(file.life, line);
    return line;
  }

  /** Two lines, at the end of a file and at the start of the next, are one event. */
  join(first: Line, second: Line, maySplit: boolean): void {
    first.other = second;
    second.other = first;
    first.maySplit ||= maySplit;
    this.#byText.set(`${first.text}\n${second.text}`, [
      { line: first, piece: 'whole' },
      { line: second, piece: 'whole' },
    ]);
  }

  /** Something keeps files from being read: events over two of them may be two. */
  disturb(): void {
    for (const line of this.lines) line.maySplit = true;
  }

  hold(life: number, line: Line): void {
    line.in.add(life);
    const lines = this.#inLife.get(life);
    if (lines === undefined) this.#inLife.set(life, new Set([line]));
    else lines.add(line);
  }

  linesIn(life: number): ReadonlySet<Line> {
    return this.#inLife.get(life) ?? new Set();
  }

  /** A deleted file was closed though nothing kept it from being read. */
  mustBeRead(life: number): void {
    for (const line of this.linesIn(life)) {
      if (line.whole && line.in.size === 1 && line.puts + line.firstPuts === 0)
        this.faults.push(`let go unread: ${line.text}`);
    }
  }

  /** What a file held is not there any more. */
  drop(life: number): void {
    for (const line of this.linesIn(life)) {
      line.in.delete(life);
      if (line.in.size === 0) line.maySplit = true; // a repeat of the other part comes without it
      if (line.in.size > 0 || arrived(line)) continue;
      line.mayMiss = true;
      if (line.seen) this.#owed.add(line);
    }
    this.#inLife.delete(life);
  }

  /** The engine says that bytes of a path are lost. */
  tell(path: string, bytes: number): void {
    add(this.#told, path, bytes);
  }

  /** What is seen of a path and can't be looked into may be told of as lost though it is other content. */
  excuse(path: string): void {
    this.#excused.set(path, Number.POSITIVE_INFINITY);
  }

  /** What was not told by now need not be: of a path, or of all. */
  waive(only: string | null = null): void {
    for (const line of this.#owed) if (only === null || only === pathOf(line)) this.#owed.delete(line);
  }

  /** What an event is of; nothing, and a fault, where nobody wrote it, or it is a part of one. */
  pieces(body: string): Put['lines'] {
    const known = this.#byText.get(body) ?? this.#strangers(body);
    if (known === undefined) this.faults.push(`nobody wrote ${JSON.stringify(body)}`);
    else if (known.length > 1) this.joined++;
    else if (isTornOff(known[0]!.line)) this.faults.push(`a part of an event came alone: ${body}`);
    return known ?? [];
  }

  /** Parts of two events, where the file between them is gone: the one after it can't be told from the next. */
  #strangers(body: string): Put['lines'] | undefined {
    const at = body.indexOf('\n /');
    const [first] = this.#byText.get(body.slice(0, at)) ?? [];
    const [second] = this.#byText.get(body.slice(at + 1)) ?? [];
    if (first === undefined || second === undefined) return undefined;
    const { other } = second.line;
    return other !== null && other !== first.line && other.in.size === 0 ? [first, second] : undefined;
  }

  /** What is wrong once everything has come to rest. */
  verdict(): readonly string[] {
    const faults = [...this.faults];
    for (const line of this.lines) {
      const puts = line.puts + Math.max(line.firstPuts, line.secondPuts);
      if (!line.mayMiss && !arrived(line)) faults.push(`missing: ${line.text} ${owed(line)}`);
      if (puts > 1 + line.mayRepeat) faults.push(`${puts} times: ${line.text} ${owed(line)}`);
    }
    const excused = new Map(this.#excused);
    for (const line of this.lines) {
      const times = Math.max(line.mayRepeat + (arrived(line) ? 0 : 1), line.cut > 0 ? 1 : 0);
      add(excused, pathOf(line), times * (line.text.length + 1));
    }
    const due = new Map<string, number>();
    // What was in memory when its file went may have been read all the same.
    for (const line of this.#owed) {
      if (line.puts + line.firstPuts === 0) add(due, pathOf(line), line.text.length + 1);
    }
    for (const [path, bytes] of due) {
      const told = this.#told.get(path) ?? 0;
      if (told < bytes) faults.push(`lost without a word: ${bytes} bytes of ${path}, told of ${told}`);
    }
    for (const [path, bytes] of this.#told) {
      const most = excused.get(path) ?? 0;
      if (bytes > most) faults.push(`told of ${bytes} lost bytes of ${path}, at most ${most} were`);
    }
    return faults;
  }
}

function pathOf({ stream }: Line): string {
  return stream.slice(0, stream.indexOf('@'));
}

function add(sums: Map<string, number>, key: string, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value);
}

function isTornOff({ other, maySplit, mayMiss }: Line): boolean {
  return other !== null && !maySplit && !mayMiss && !other.maySplit && !other.mayMiss;
}

function arrived(line: Line): boolean {
  return line.arrivals > 0 || (line.firstArrivals > 0 && line.secondArrivals > 0);
}

function owed({ puts, firstPuts, secondPuts, arrivals, mayRepeat, cut }: Line): string {
  return `(puts ${puts}+${firstPuts}/${secondPuts}, arrivals ${arrivals}, cut ${cut}, may repeat ${mayRepeat})`;
}

export function count(put: Put, what: 'puts' | 'arrivals'): void {
  for (const { line, piece } of put.lines) {
    if (piece === 'whole') line[what]++;
    else if (piece === 'first') line[what === 'puts' ? 'firstPuts' : 'firstArrivals']++;
    else line[what === 'puts' ? 'secondPuts' : 'secondArrivals']++;
  }
}
