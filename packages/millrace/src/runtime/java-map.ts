/** The names in the order in which a `java.util.HashMap` filled in this order iterates over them. */
export function javaHashMapOrder(names: readonly string[]): string[] {
  return [...names];
}
