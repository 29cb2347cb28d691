/** Why a name cannot be a topic's (Kafka's `Topic.validate`); null where it can. */
export function topicNameFault(name: string): string | null {
  if (name === '') return 'it is empty';
  if (name === '.' || name === '..') return "it is '.' or '..'";
  if (name.length > 249) return 'it is longer than 249 characters';
  return /^[a-zA-Z0-9._-]+$/.test(name)
    ? null
    : "it holds something else than ASCII letters, digits, '.', '_' and '-'";
}
