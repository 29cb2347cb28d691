import { readFileSync } from 'node:fs';
import { command, runCommand } from './command.ts';
import { exitCodes, type Io } from './io.ts';

/** The version of the package, from its own package.json. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

export function run(argv: readonly string[], io: Io): Promise<number> {
  const parsed = command(
    {
      name: 'millrace version',
      summary: 'Prints the version, and what it is compatible with.',
      examples: ['millrace version', 'millrace version --json'],
    },
    io,
  ).option('--json', 'as JSON');
  return runCommand(parsed, argv, io, async () => {
    const facts = {
      version: packageVersion(),
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
      flume: '1.11.0',
      kafka: '4.3',
    };
    io.stdout.write(
      parsed.opts<{ json?: boolean }>().json
        ? `${JSON.stringify(facts)}\n`
        : `millrace ${facts.version} (configurations of Flume ${facts.flume}, protocol of Kafka ${facts.kafka}, Node ${facts.node}, ${facts.platform})\n`,
    );
    return exitCodes.ok;
  });
}
