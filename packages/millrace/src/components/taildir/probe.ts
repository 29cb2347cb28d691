import { hasErrno } from '../../runtime/errors.ts';
import {
  type ContentMark,
  holdsMark,
  type Identity,
  keyOf,
  sharesStart,
} from '../../tracking/content-mark.ts';
import type { Pace } from '../../tracking/pace.ts';
import type { SourceFiles, SourceHandle } from '../../tracking/source-files.ts';
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

/**
 * What the decision asks about contents. `null`: not looked yet; the question is noted, and the decision is made again
 * once it has been answered. So the decision does no I/O, and looking can be cut into slices.
 */
export class Probe {
  readonly #files: SourceFiles;
  readonly #pace: Pace;
  readonly #answers = new Map<string, Identity>();
  readonly #open = new Map<string, Question>();
  #outOfDescriptors = false;

  constructor(files: SourceFiles, pace: Pace) {
    this.#files = files;
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
    const key = `${file.path}\0${file.key}\0${position}\0${headBytes} ${headCrc} ${tailBytes} ${tailCrc}`;
    return this.#answer(key, { ask: 'holds', file, mark, position });
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
      this.#answers.set(key, this.#look(question));
    }
    return questions.length > 0;
  }

  #answer(key: string, question: Question): Identity | null {
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    this.#open.set(key, question);
    return null;
  }

  #look(question: Question): Identity {
    try {
      return this.#withFile(question.file, (handle) => {
        if (question.ask === 'holds') return holdsMark(handle, question.mark, question.position);
        return this.#withFile(question.other, (other) => sharesStart(handle, other, question.bytes));
      });
    } catch (error) {
      // Whatever the reason: a file that can't be looked at now is not another file.
      this.#outOfDescriptors ||= hasErrno(error, 'EMFILE', 'ENFILE');
      return 'unknown';
    }
  }

  #withFile(file: SeenFile, look: (handle: SourceHandle) => boolean | Identity): Identity {
    const handle = this.#files.open(file.path);
    try {
      if (keyOf(handle.stat()) !== file.key) return 'unknown'; // moved since the look; the next one will tell
      const is = look(handle);
      if (typeof is === 'string') return is;
      return is ? 'same' : 'other';
    } finally {
      handle.close();
    }
  }
}
