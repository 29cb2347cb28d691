import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { type Link, lineFault, linkOf, longestLine, noHash } from '../broker/security/audit-chain.ts';
import { MillraceError } from '../runtime/errors.ts';
import { command, runCommand } from './command.ts';
import { exitCodes, type Io } from './io.ts';

interface Options {
  expect?: string;
}

export function run(argv: readonly string[], io: Io): Promise<number> {
  const parsed = command(
    {
      name: 'millrace audit',
      summary:
        "Verifies the broker's audit log (millrace.audit.log): whether a line was changed, dropped or put in.",
      examples: ['millrace audit verify audit.log', 'millrace audit verify audit.log --expect 3f2a…'],
    },
    io,
  )
    .argument('<verify>', 'verify: the only thing that there is to do')
    .argument('<file>', 'the audit log')
    .option('--expect <hash>', 'a hash that was noted before, elsewhere: a line of the file has to have it');
  return runCommand(parsed, argv, io, async () => {
    const [what, file = ''] = parsed.args;
    if (what !== 'verify')
      throw new MillraceError('USAGE', `audit ${what}: there is no such thing to do`, {
        remedy: 'Did you mean audit verify FILE?',
      });
    const { expect } = parsed.opts<Options>();
    const path = resolve(io.cwd, file);
    const found = await verify(path, expect);
    if (typeof found === 'string') {
      io.stdout.write(`${file}:${found}\n`);
      return exitCodes.findings;
    }
    if (found === null) {
      io.stdout.write(`${file}: there is no line in it\n`);
      return expect === undefined ? exitCodes.ok : exitCodes.findings;
    }
    const { first, last, lines } = found;
    io.stdout.write(`${file}: ${lines} lines, ${first.number} to ${last.number}, the chain is unbroken\n`);
    io.stdout.write(`last hash: ${last.hash}\n`);
    return exitCodes.ok;
  });
}

interface Chain {
  readonly first: Link;
  readonly last: Link;
  readonly lines: number;
}

/** What the file holds; null: nothing; a text: `LINE: what is wrong there`. Throws what the file system says. */
async function verify(path: string, expected: string | undefined): Promise<Chain | string | null> {
  let first: Link | null = null;
  // Each file begins a chain of its own: what is missing at its beginning was taken away.
  let last: Link = { number: 0, hash: noHash };
  let isExpectedThere = expected === undefined;
  let number = 0;
  for await (const line of linesOf(path)) {
    number++;
    const fault = lineFault(line, last);
    if (fault !== null) return `${number}: ${fault}`;
    last = linkOf(line)!;
    first ??= last;
    isExpectedThere ||= last.hash === expected;
  }
  if (!isExpectedThere) return `${number}: no line has the expected hash: the file was cut, or written anew`;
  return first === null ? null : { first, last, lines: number };
}

/**
 * Lines as the broker ends them. `readline` has ends of lines of its own (U+2028), which a name that somebody claims may
 * have in it. What is longer than any line comes as it is: it is none.
 */
async function* linesOf(path: string): AsyncGenerator<string> {
  let begun = '';
  for await (const chunk of createReadStream(path, 'utf8') as AsyncIterable<string>) {
    const parts = `${begun}${chunk}`.split('\n');
    begun = parts.pop()!;
    yield* parts;
    if (begun.length > longestLine) break;
  }
  if (begun !== '') yield begun;
}
