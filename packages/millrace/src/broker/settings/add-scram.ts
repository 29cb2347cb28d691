import { nearest } from '../../config/nearest.ts';
import { leastIterations, type ScramMechanism, scramMechanisms } from '../../protocol/sasl/scram.ts';
import { MillraceError } from '../../runtime/errors.ts';

/** Kafka's own bound of what is kept; clients are asked to reckon that much. */
export const mostStoredIterations = 16_384;

/** One user to begin with. */
export interface ScramUser {
  readonly mechanism: ScramMechanism;
  readonly name: string;
  readonly iterations: number;
  /** Base64; absent: drawn. */
  readonly salt?: string | undefined;
  readonly password?: string | undefined;
  /** Base64 of RFC 5802's `Hi`, in place of the password. */
  readonly saltedPassword?: string | undefined;
}

const keys = ['name', 'password', 'salt', 'iterations', 'saltedpassword'];

/**
 * `SCRAM-SHA-512=[name=alice,password=…]`, as `kafka-storage format --add-scram` takes it. Throws `USAGE`, without what
 * stands in it.
 */
export function parseAddScram(text: string): ScramUser {
  const match = /^\s*([^=\s]+)=\[(.*)\]\s*$/s.exec(text);
  if (match === null) throw invalid('it is not MECHANISM=[name=…,password=…]');
  const word = match[1]!;
  const mechanism = scramMechanisms.find((each) => each === word.toUpperCase());
  if (mechanism === undefined) throw invalid(`'${word}' is none of ${scramMechanisms.join(', ')}`);
  const parts = new Map<string, string>();
  for (const part of match[2]!.split(',')) {
    const at = part.indexOf('=');
    const key = part.slice(0, Math.max(0, at));
    if (!keys.includes(key)) {
      const near = nearest(key, keys);
      throw invalid(
        `a part of it is none of ${keys.join(', ')}${near === undefined ? '' : `; did you mean ${near}?`}`,
      );
    }
    parts.set(key, part.slice(at + 1).replace(/^"(.*)"$/s, '$1'));
  }
  const name = parts.get('name') ?? '';
  if (name === '') throw invalid('it has no name');
  const iterationsText = parts.get('iterations') ?? String(leastIterations);
  const iterations = /^\d{1,6}$/.test(iterationsText) ? Number(iterationsText) : Number.NaN;
  if (!(iterations >= leastIterations && iterations <= mostStoredIterations))
    throw invalid(`iterations are from ${leastIterations} to ${mostStoredIterations}`);
  const [password, salt, saltedPassword] = ['password', 'salt', 'saltedpassword'].map((key) =>
    parts.get(key),
  );
  if (!password && saltedPassword === undefined) throw invalid('it has neither password nor saltedpassword');
  if (password === undefined && salt === undefined) throw invalid('a saltedpassword needs its salt');
  return { mechanism, name, iterations, salt, password, saltedPassword };
}

const invalid = (why: string) =>
  new MillraceError('USAGE', `--add-scram: ${why}`, {
    remedy: "Write it as --add-scram 'SCRAM-SHA-512=[name=alice,password=…]'.",
  });
