/**
 * As much of Java's serialization (Object Serialization Stream Protocol, version 5) as the objects in a key store take:
 * objects with fields that are numbers, texts, arrays of bytes and such objects, without methods of their own that
 * write. Nothing of it becomes code: an object is its class name and its fields.
 */
export interface JavaObject {
  readonly className: string;
  readonly fields: ReadonlyMap<string, JavaValue>;
}
export type JavaValue = JavaObject | Buffer | string | number | null;

/** What is no such stream, or more than is read here. */
export class JavaObjectFault extends Error {}

interface ClassDescription {
  readonly name: string;
  readonly fields: readonly { readonly name: string; readonly type: string }[];
  readonly parent: ClassDescription | null;
}

const mostDepth = 20;
const sizes: Readonly<Record<string, number>> = { B: 1, Z: 1, C: 2, S: 2, I: 4, F: 4, J: 8, D: 8 };

/** The object at a place, and where the stream goes on behind it. */
export function readJavaObject(bytes: Buffer, from: number): { value: JavaValue; end: number } {
  const reader = new Reader(bytes, from);
  if (reader.uint(4) !== 0xaced0005) throw new JavaObjectFault('it is no serialized object of Java');
  return { value: reader.value(0), end: reader.at };
}

class Reader {
  readonly #bytes: Buffer;
  at: number;
  /** What the stream may refer back to, in order. */
  readonly #handles: (JavaValue | ClassDescription)[] = [];

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  uint(size: number): number {
    return this.#take(size).readUIntBE(0, size);
  }

  value(depth: number): JavaValue {
    if (depth > mostDepth) throw new JavaObjectFault('it is nested too deeply');
    const type = this.uint(1);
    switch (type) {
      case 0x70:
        return null;
      case 0x71: {
        const found = this.#handle();
        if (found !== null && typeof found === 'object' && 'parent' in found)
          throw new JavaObjectFault('it refers to a class');
        return found;
      }
      case 0x74: {
        const text = this.#text();
        this.#handles.push(text);
        return text;
      }
      case 0x75:
        return this.#array(depth);
      case 0x73:
        return this.#object(depth);
      default:
        throw new JavaObjectFault(`it holds what is not read here (0x${type.toString(16)})`);
    }
  }

  #object(depth: number): JavaObject {
    const description = this.#class(depth);
    if (description === null) throw new JavaObjectFault('an object has no class');
    const fields = new Map<string, JavaValue>();
    const object = { className: description.name, fields };
    this.#handles.push(object);
    const lineage: ClassDescription[] = [];
    for (let each: ClassDescription | null = description; each !== null; each = each.parent)
      lineage.unshift(each);
    for (const { fields: own } of lineage) {
      for (const { name, type } of own) fields.set(name, this.#field(type, depth));
    }
    return object;
  }

  #field(type: string, depth: number): JavaValue {
    const size = sizes[type];
    if (size === undefined) return this.value(depth + 1);
    return size > 4 ? this.#take(size) : this.uint(size);
  }

  #array(depth: number): Buffer {
    const description = this.#class(depth);
    if (description?.name !== '[B')
      throw new JavaObjectFault('it holds an array of something else than bytes');
    const at = this.#handles.push(null) - 1;
    const bytes = this.#take(this.uint(4));
    this.#handles[at] = bytes;
    return bytes;
  }

  #class(depth: number): ClassDescription | null {
    if (depth > mostDepth) throw new JavaObjectFault('it is nested too deeply');
    const type = this.uint(1);
    if (type === 0x70) return null;
    if (type === 0x71) {
      const found = this.#handle();
      if (found === null || typeof found !== 'object' || !('parent' in found))
        throw new JavaObjectFault('it refers to what is no class');
      return found;
    }
    if (type !== 0x72) throw new JavaObjectFault('it names a class in a way that is not read here');
    const name = this.#text();
    this.#take(8);
    const at = this.#handles.push(null) - 1;
    const flags = this.uint(1);
    if ((flags & 0x01) !== 0) throw new JavaObjectFault(`${name} writes itself`);
    const fields = Array.from({ length: this.uint(2) }, () => {
      const fieldType = String.fromCharCode(this.uint(1));
      const field = { name: this.#text(), type: fieldType };
      if (fieldType === 'L' || fieldType === '[') this.value(depth + 1); // its class, as a text
      return field;
    });
    if (this.uint(1) !== 0x78) throw new JavaObjectFault('a class is annotated');
    const parent = this.#class(depth + 1);
    const description = { name, fields, parent };
    this.#handles[at] = description;
    return description;
  }

  #handle(): JavaValue | ClassDescription {
    const found = this.#handles[this.uint(4) - 0x7e0000];
    if (found === undefined) throw new JavaObjectFault('it refers to what is not there');
    return found;
  }

  #text(): string {
    return this.#take(this.uint(2)).toString('utf8');
  }

  #take(size: number): Buffer {
    if (this.at + size > this.#bytes.length) throw new JavaObjectFault('it is cut short');
    this.at += size;
    return this.#bytes.subarray(this.at - size, this.at);
  }
}
