/** What rotation appends to a name: `.1`, `-20261122`, `.2026-11-22_10`. What a compressor appends stands behind it. */
const rotationSuffix = /^[.\-_]\d[\d.\-_]*$/;

/**
 * The live names of which a name may be an earlier generation: `app.log` of `app.log.1`, of `app.log-20261122` and of
 * `app-20261122.log`. Few, so that generations are found by looking up, not by comparing each with each.
 */
export function liveNamesOf(name: string): readonly string[] {
  const live: string[] = [];
  for (let at = 1; at < name.length - 1; at++) {
    if (isSeparator(name, at) && rotationSuffix.test(name.slice(at))) live.push(name.slice(0, at));
  }
  const dot = name.lastIndexOf('.');
  if (dot <= 0) return live;
  const [stem, extension] = [name.slice(0, dot), name.slice(dot)];
  for (let at = 1; at < stem.length - 1; at++) {
    if (isSeparator(stem, at) && rotationSuffix.test(stem.slice(at)))
      live.push(stem.slice(0, at) + extension);
  }
  return live;
}

function isSeparator(name: string, at: number): boolean {
  const c = name[at];
  return c === '.' || c === '-' || c === '_';
}
