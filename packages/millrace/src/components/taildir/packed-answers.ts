import type { Identity } from '../../tracking/content-mark.ts';

interface Answer {
  readonly content: Identity;
  readonly position: number;
  /** The look in which it was asked for last. */
  look: number;
}

/** Names that no pattern matches are not seen at every look. */
const looksKept = 60;

/**
 * What was found out about compressed files, from one look at the folders to the next: to ask anew is to decompress anew.
 * What no look asks for any more is forgotten.
 */
export class PackedAnswers {
  readonly #answers = new Map<string, Answer>();
  readonly #bytes = new Map<string, { readonly bytes: number; look: number }>();
  #look = 0;

  /** A look begins. */
  begin(): void {
    for (const known of [this.#answers, this.#bytes]) {
      for (const [key, { look }] of known) if (look < this.#look - looksKept) known.delete(key);
    }
    this.#look += 1;
  }

  /** Null where it is not known, or was found out long before this position: less than half way to it. */
  answerTo(key: string, position: number): Identity | null {
    const known = this.#answers.get(key);
    if (known === undefined) return null;
    known.look = this.#look;
    return known.content === 'other' || position <= 2 * known.position + 1024 ? known.content : null;
  }

  note(key: string, content: Identity, position: number): void {
    this.#answers.set(key, { content, position, look: this.#look });
  }

  /** Bytes of content that were seen of a file in this state. */
  bytesOf(key: string): number | null {
    const known = this.#bytes.get(key);
    if (known === undefined) return null;
    known.look = this.#look;
    return known.bytes;
  }

  noteBytes(key: string, bytes: number): void {
    this.#bytes.set(key, { bytes, look: this.#look });
  }
}
