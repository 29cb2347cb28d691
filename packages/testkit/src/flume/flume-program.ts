/** A real Flume 1.11 that is killed and started again with the same configuration. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Program } from '../oracle/program.ts';
import { javaCommand, log4jConfig, noteRealServer } from '../process/java.ts';

/** `dir`: for its own files. It is ready when its source `r1` is. */
export async function flumeProgram(configFile: string, agent: string, dir: string): Promise<Program> {
  mkdirSync(dir, { recursive: true });
  const log4j = join(dir, 'log4j2.properties');
  writeFileSync(log4j, log4jConfig('INFO'));
  const { command, args } = await javaCommand(
    'flume',
    'org.apache.flume.node.Application',
    ['-n', agent, '-f', configFile, '--no-reload-conf'],
    { jvmFlags: ['-Xmx256m'], log4j },
  );
  noteRealServer('flume');
  return new Program({
    ...{ name: `Flume ${agent}`, command: [command, ...args], cwd: dir },
    ready: /Component type: SOURCE, name: r1 started/,
    threadsOn: 'SIGQUIT',
  });
}
