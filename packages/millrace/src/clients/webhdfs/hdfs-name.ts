/** Names of HDFS's own at the root of a file system or within any folder. */
const reserved = ['.snapshot', '.reserved'];

/** Why HDFS takes no file of this name, which every store could have; null: it does (DFSUtil.isValidName). */
export function hdfsNameFault(name: string): string | null {
  if (name.includes(':')) return "HDFS takes no ':' in names";
  for (const part of name.split('/')) if (reserved.includes(part)) return `'${part}' is a name of HDFS's own`;
  return null;
}
