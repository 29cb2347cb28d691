import { hasErrno } from '../../runtime/errors.ts';
import {
  type ContentMark,
  type FileKey,
  holdsMark,
  type Identity,
  keyOf,
  maxHeadBytes,
  sharesStart,
} from '../../tracking/content-mark.ts';
import type { Pace } from '../../tracking/pace.ts';
import type { SourceFiles, SourceHandle } from '../../tracking/source-files.ts';
import type { PackedAnswers } from './packed-answers.ts';
import type { SeenFile } from './snapshot.ts';

/** A question about the content of a file that was seen. */
export type Question =
  | { readonly ask: 'holds'; readonly file: SeenFile; readonly mark: ContentMark; readonly position: number }
  | {
      readonly ask: 'starts-like';
      readonly file: SeenFile;
      readonly other: SeenFile;
      readonly bytes: number;
    };

/** A compressed file that was written so lately may be in the making: looking into it would be for nothing. */
const youngMs = 1000;

function isYoung(ageMs: number): boolean {
  return ageMs >= 0 && ageMs < youngMs;
}

/** A compressed file as it stands: by another size or time it is another. */
function stateOf({ path, key, storedBytes, mtimeMs }: SeenFile): string {
  return `${path}\0${key}\0${storedBytes}\0${mtimeMs}`;
}

/**
 * What the decision asks about contents. `null`: not looked yet; the question is noted, and the decision is made again
 * once it has been answered. So the decision does no I/O, and looking can be cut into slices.
 */
export class Probe {
  readonly #files: SourceFiles;
  readonly #pace: Pace;
  readonly #answers = new Map<string, Identity>();
  readonly #packed: PackedAnswers;
  readonly #open = new Map<string, Question>();
  #outOfDescriptors = false;

  /** `packed`: what is known of compressed files from one look to the next. */
  constructor(files: SourceFiles, pace: Pace, packed: PackedAnswers) {
    this.#files = files;
    this.#packed = packed;
    this.#pace = pace;
  }

  /** The system had no descriptor left for one of the looks. */
  get outOfDescriptors(): boolean {
    return this.#outOfDescriptors;
  }

  /** Whether the file holds what the mark says before the position. */
  holds(file: SeenFile, mark: ContentMark, position: number): Identity | null {
    if (file.size < position) return 'other';
    const { headBytes, headCrc, tailBytes, tailCrc } = mark;
    if (headBytes === 0 && tailBytes === 0) return 'same'; // there is nothing to tell it by
    const question = { ask: 'holds', file, mark, position } as const;
    const place = `${position}\0${headBytes} ${headCrc} ${tailBytes} ${tailCrc}`;
    if (file.packing === null) return this.#answer(`${file.path}\0${file.key}\0${place}`, question);
    const key = `${stateOf(file)}\0${place}`;
    return this.#packed.answerTo(key, position) ?? this.#answer(key, question);
  }

  /**
   * The same of a compressed file and a file whose position moves on: what was so some way back is taken for so still, as
   * each look decompresses all up to the position.
   */
  holdsSince(file: SeenFile, key: FileKey | null, mark: ContentMark, position: number): Identity | null {
    const { headBytes, headCrc } = mark;
    const name = `${stateOf(file)}\0${key} ${headBytes} ${headCrc}`;
    const known = this.#packed.answerTo(name, position);
    if (known !== null) return known;
    const now = this.holds(file, mark, position);
    if (now === 'same' || now === 'other') this.#packed.note(name, now, position);
    return now;
  }

  /** Of a compressed file: how many bytes of content were seen of it so far; null: none was. */
  bytesKnownOf(file: SeenFile): number | null {
    return this.#packed.bytesOf(stateOf(file));
  }

  /** Whether two files have the same first bytes. */
  startsLike(file: SeenFile, other: SeenFile, bytes: number): Identity | null {
    const key = `${file.path}\0${file.key}\0${other.path}\0${other.key}\0${bytes}`;
    return this.#answer(key, { ask: 'starts-like', file, other, bytes });
  }

  /** Looks where it was asked to. Gives the event loop its turns. Returns whether there was anything to look at. */
  async answer(): Promise<boolean> {
    const questions = [...this.#open];
    this.#open.clear();
    for (const [key, question] of questions) {
      if (this.#pace.due()) await this.#pace.breath();
      const answer = await this.#look(question);
      this.#answers.set(key, answer);
      if (question.ask === 'holds' && question.file.packing !== null && answer !== 'unknown')
        this.#packed.note(key, answer, question.position);
    }
    return questions.length > 0;
  }

  #answer(key: string, question: Question): Identity | null {
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    this.#open.set(key, question);
    return null;
  }

  async #look(question: Question): Promise<Identity> {
    const { file } = question;
    if (file.packing !== null && isYoung(this.#files.wallMs() - file.mtimeMs)) return 'unknown';
    try {
      return await this.#withFile(file, async (handle) => {
        if (question.ask === 'holds') {
          if (file.packing !== null) return await this.#packedHolds(handle, question);
          return holdsMark(handle, question.mark, question.position) ? 'same' : 'other';
        }
        const { other: otherFile, bytes } = question;
        await handle.ready?.(Math.min(bytes, maxHeadBytes));
        return await this.#withFile(otherFile, async (other) => {
          await other.ready?.(Math.min(bytes, maxHeadBytes));
          return sharesStart(handle, other, bytes) ? 'same' : 'other';
        });
      });
    } catch (error) {
      // Whatever the reason: a file that can't be looked at now is not another file.
      this.#outOfDescriptors ||= hasErrno(error, 'EMFILE', 'ENFILE');
      return 'unknown';
    }
  }

  /** Of compressed files the head is looked at first: to look at the place itself is to decompress all before it. */
  async #packedHolds(
    handle: SourceHandle,
    { file, mark, position }: Extract<Question, { ask: 'holds' }>,
  ): Promise<Identity> {
    try {
      await handle.ready!(mark.headBytes);
      if (!holdsMark(handle, { ...mark, tailBytes: 0 }, mark.headBytes)) return 'other';
      await handle.ready!(position);
      return holdsMark(handle, mark, position) ? 'same' : 'other';
    } catch (error) {
      // Damaged behind the head: it is the file, of which no more can be read; whoever reads it tells so.
      if (hasErrno(error, 'EBADMSG') && handle.look().size > mark.headBytes) return 'same';
      throw error;
    } finally {
      this.#packed.noteBytes(stateOf(file), handle.whole?.bytes ?? handle.look().size - 1);
    }
  }

  async #withFile(file: SeenFile, look: (handle: SourceHandle) => Promise<Identity>): Promise<Identity> {
    const handle = this.#files.open(file.path);
    try {
      if (keyOf(handle.stat()) !== file.key) return 'unknown'; // moved since the look; the next one will tell
      return await look(handle);
    } finally {
      handle.close();
    }
  }
}
