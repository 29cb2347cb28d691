/** A number as Java's `Double.toString` prints it: `0.0`, `33.333333333333336`, `1.7976931348623157E308`. */
export function javaDouble(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return `${value}.0`;
  const text = String(value);
  const exponent = /^(-?\d(?:\.\d+)?)e([+-]\d+)$/.exec(text);
  if (exponent === null) return text;
  const mantissa = exponent[1]!.includes('.') ? exponent[1]! : `${exponent[1]}.0`;
  return `${mantissa}E${Number(exponent[2])}`;
}
