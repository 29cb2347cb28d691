/** What is used of it; the types of Node leave it to those of browsers. */
declare const WebAssembly: {
  validate(code: Uint8Array): boolean;
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

/**
 * The exports of a module that takes nothing from outside. Null where the platform has no WebAssembly with SIMD, or
 * another order of bytes: there are JavaScript loops.
 */
export function instantiate<Exports>(base64: string): Exports | null {
  const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
  if (!isLittleEndian || typeof WebAssembly === 'undefined') return null;
  const code = Buffer.from(base64, 'base64');
  if (!WebAssembly.validate(code)) return null;
  return new WebAssembly.Instance(new WebAssembly.Module(code)).exports as Exports;
}
