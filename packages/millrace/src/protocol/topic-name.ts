/** Why a name cannot be a topic's (Kafka's `Topic.validate`); null where it can. Such a name is also safe as a folder's. */
export function topicNameFault(name: string): string | null {
  if (name === '') return 'the empty string is not allowed';
  if (name === '.' || name === '..') return "'.' or '..' is not allowed";
  if (name.length > 249)
    return `the length of '${name.slice(0, 40)}…' is longer than the max allowed length 249`;
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) {
    return `'${name.slice(0, 249)}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`;
  }
  return null;
}
