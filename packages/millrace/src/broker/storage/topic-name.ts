/** Names that differ only in `.` and `_` would share their metric names in Kafka, and have the same key here. */
export function collisionKey(name: string): string {
  return name.replaceAll('.', '_');
}
