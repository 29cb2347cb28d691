import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import {
  type BatchHeader,
  batchAttributes,
  batchHeaderBytes,
  batchLengthOverhead,
  batchSizeBytes,
} from '../records/batch-header.ts';
import { batchChecksum } from '../records/checksum.ts';
import type { SealedBatch } from '../records/seal.ts';
import { MillraceError } from '../runtime/errors.ts';

/** In place of a compression type: Kafka has none of this number, so its tools say that they can't read such a batch. */
const encryptedType = 7;

const layout = 1;
const saltBytes = 16;
const counterBytes = 8;
const markBytes = 4;
const tagBytes = 16;
/** Behind the key's name. */
const fixedBytes = markBytes + saltBytes + counterBytes;
/** Most bytes of a key's name. */
export const mostKeyIdBytes = 200;

/** Whether the records of the batch are encrypted: known by its header alone. */
export function isEncrypted(header: Pick<BatchHeader, 'attributes'>): boolean {
  return (header.attributes & batchAttributes.compressionMask) === encryptedType;
}

/** What stands in front of the encrypted bytes. */
interface Envelope {
  readonly keyId: string;
  /** Tells two keys of one name apart; says nothing of the key. */
  readonly mark: Buffer;
  readonly salt: Buffer;
  readonly counter: Buffer;
  /** Where the encrypted bytes begin. */
  readonly from: number;
}

/**
 * Encrypts the records of whole batches with AES-256 in GCM: what was written can neither be read nor changed, moved to
 * another offset or given another count or time without being found out. Counts, times, offsets and lengths stay
 * readable, for the log knows nothing of this.
 *
 * A key is never used itself: each cipher derives one of its own from it (HKDF-SHA256 with a salt drawn at its making)
 * and numbers its batches, so no nonce comes twice. In the place of the records stand:
 *
 * ```
 * layout 1 byte, length of the key's name 1 byte, the name, mark 4 bytes, salt 16, number 8, encrypted bytes, tag 16
 * ```
 */
export class BatchCipher {
  readonly #keys: ReadonlyMap<string, Buffer>;
  readonly #activeKey: string;
  readonly #salt = randomBytes(saltBytes);
  #number = 0n;
  /** Derived keys by name and salt; those of former runs are few at a time. */
  readonly #derived = new Map<string, Buffer>();

  /** `activeKey` writes, all `keys` read. Keys have 16 bytes at least, names 1 to 200 bytes. */
  constructor(keys: ReadonlyMap<string, Buffer>, activeKey: string) {
    this.#keys = keys;
    this.#activeKey = activeKey;
    this.#keyOf(activeKey);
  }

  /** The batch as it is stored at `baseOffset`. */
  seal(batch: SealedBatch, baseOffset: number): SealedBatch {
    const header = Buffer.from(batch.header);
    header.writeInt16BE(header.readInt16BE(21) | encryptedType, 21);
    const records = this.#encrypt(batch.records, boundTo(header, baseOffset));
    header.writeInt32BE(batchHeaderBytes - batchLengthOverhead + records.length, 8);
    header.writeUInt32BE(batchChecksum(header, 0, records), 17);
    return { ...batch, header, records, sizeBytes: batchHeaderBytes + records.length };
  }

  /**
   * The records of the batch at `at`, whose checksum was right. Throws as `check`, and `EVENTS_TAMPERED` where they are
   * not what was written there.
   */
  open(bytes: Buffer, at: number, header: BatchHeader): Buffer {
    const section = bytes.subarray(at + batchHeaderBytes, at + batchSizeBytes(header));
    return this.#decrypt(section, boundTo(bytes.subarray(at, at + batchHeaderBytes), header.baseOffset));
  }

  /** Which key the batch at `at` needs. Throws `KEY_MISSING` and `KEY_WRONG`, `EVENTS_TAMPERED` where that can't be told. */
  check(bytes: Buffer, at: number, header: BatchHeader): string {
    const envelope = envelopeOf(bytes.subarray(at + batchHeaderBytes, at + batchSizeBytes(header)));
    this.#rightKey(envelope);
    return envelope.keyId;
  }

  /** Bytes that are no batch, for a place that `bound` names. */
  sealBytes(bytes: Buffer, bound: string): Buffer {
    return this.#encrypt(bytes, Buffer.from(bound));
  }

  /** Throws as `open`. */
  openBytes(bytes: Buffer, bound: string): Buffer {
    return this.#decrypt(bytes, Buffer.from(bound));
  }

  #encrypt(plain: Buffer, bound: Buffer): Buffer {
    const id = Buffer.from(this.#activeKey);
    const head = Buffer.alloc(2 + id.length + fixedBytes);
    head[0] = layout;
    head[1] = id.length;
    id.copy(head, 2);
    let at = 2 + id.length;
    at += markOf(this.#keyOf(this.#activeKey)).copy(head, at);
    at += this.#salt.copy(head, at);
    head.writeBigUInt64BE(this.#number++, at);
    const key = this.#derive(this.#activeKey, this.#salt);
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(head.subarray(at)));
    cipher.setAAD(bound);
    return Buffer.concat([head, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  #decrypt(section: Buffer, bound: Buffer): Buffer {
    const envelope = envelopeOf(section);
    this.#rightKey(envelope);
    const { keyId, salt, counter, from } = envelope;
    const decipher = createDecipheriv('aes-256-gcm', this.#derive(keyId, salt), nonceOf(counter));
    decipher.setAAD(bound);
    decipher.setAuthTag(section.subarray(section.length - tagBytes));
    const plain = decipher.update(section.subarray(from, section.length - tagBytes));
    try {
      decipher.final();
    } catch (cause) {
      throw new MillraceError('EVENTS_TAMPERED', 'encrypted events are not what was written there', {
        cause,
      });
    }
    return plain;
  }

  #rightKey({ keyId, mark }: Envelope): void {
    if (markOf(this.#keyOf(keyId)).equals(mark)) return;
    throw new MillraceError('KEY_WRONG', `the key ${keyId} is another than the one that wrote these events`, {
      details: { key: keyId },
    });
  }

  #keyOf(id: string): Buffer {
    const key = this.#keys.get(id);
    if (key !== undefined) return key;
    throw new MillraceError('KEY_MISSING', `there is no key ${id}`, { details: { key: id } });
  }

  #derive(id: string, salt: Buffer): Buffer {
    const name = `${salt.toString('hex')}${id}`;
    let key = this.#derived.get(name);
    if (key === undefined) {
      if (this.#derived.size >= 100) this.#derived.clear();
      key = Buffer.from(hkdfSync('sha256', this.#keyOf(id), salt, 'millrace events', 32));
      this.#derived.set(name, key);
    }
    return key;
  }
}

/** What belongs to the encrypted bytes without being among them: their place, and the header from `attributes` on. */
function boundTo(header: Buffer, baseOffset: number): Buffer {
  const bound = Buffer.alloc(8 + batchHeaderBytes - 21);
  bound.writeBigInt64BE(BigInt(baseOffset));
  header.copy(bound, 8, 21, batchHeaderBytes);
  return bound;
}

function nonceOf(counter: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc(4), counter], 12);
}

function markOf(key: Buffer): Buffer {
  return createHmac('sha256', key).update('millrace key').digest().subarray(0, markBytes);
}

function envelopeOf(section: Buffer): Envelope {
  const length = section[1] ?? 0;
  const at = 2 + length;
  if (section[0] !== layout || length === 0 || section.length < at + fixedBytes + tagBytes)
    throw new MillraceError('EVENTS_TAMPERED', 'encrypted events do not begin as they should');
  return {
    keyId: section.toString('utf8', 2, at),
    mark: section.subarray(at, at + markBytes),
    salt: section.subarray(at + markBytes, at + markBytes + saltBytes),
    counter: section.subarray(at + markBytes + saltBytes, at + fixedBytes),
    from: at + fixedBytes,
  };
}
