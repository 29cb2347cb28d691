/**
 * Imported first by every published entry: tells a Node that is too old in a sentence, before something deep inside
 * fails in its own words. What is imported after it must load on such a Node: no new builtin at the top of a file.
 */

/** The oldest Node that the published package is run on. */
export const oldestNode: readonly [major: number, minor: number] = [22, 15];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
  throw new Error(
    `millrace needs Node ${oldestNode.join('.')} or newer; this is ${process.version} (${process.execPath}). ` +
      'Install one from https://nodejs.org, or `npm install --save-dev node@26` and run with `npx node`.',
  );
}
