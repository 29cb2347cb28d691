/** The lines that sinks set aside because their destination will never take them. */
export function setAsideLines(_dir: string, _channel: string): Map<string, number> {
  return new Map();
}
