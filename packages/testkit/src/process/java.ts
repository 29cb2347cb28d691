/** How the real servers' Java programs are started. */
import { appendFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { classPath, type JavaSet, javaProgram } from '../../../../scripts/lib/test-needs.ts';
import { runToEnd } from './processes.ts';

/** For tests: a short-lived JVM starts sooner and takes less with these. */
const quickFlags = [
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Xshare:auto',
  '-Djava.net.preferIPv4Stack=true',
];

/** For measurements: what `kafka-run-class.sh` gives every JVM of Kafka. */
const measuredFlags = [
  ...['-server', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20', '-XX:InitiatingHeapOccupancyPercent=35'],
  ...['-XX:+ExplicitGCInvokesConcurrent', '-Djava.awt.headless=true', '-Djava.net.preferIPv4Stack=true'],
];

/** `quick` for tests; `measured` as Kafka's scripts start a JVM; `plain` leaves everything to the JVM. */
export type JvmStyle = 'quick' | 'measured' | 'plain';

const flagsOf: Readonly<Record<JvmStyle, readonly string[]>> = {
  quick: quickFlags,
  measured: measuredFlags,
  plain: [],
};

export interface JavaCommand {
  readonly command: string;
  readonly args: string[];
}

export async function javaCommand(
  set: JavaSet,
  mainClass: string,
  args: readonly string[],
  options: {
    jvm?: JvmStyle | undefined;
    jvmFlags?: readonly string[];
    log4j?: string;
    /** Sets whose jars stand behind those of `set`. */
    beside?: readonly JavaSet[];
    /** A folder with classes of one's own (`compileJava`). */
    classes?: string;
  } = {},
): Promise<JavaCommand> {
  const flags = flagsOf[options.jvm ?? 'quick'];
  const log4j = options.log4j === undefined ? [] : [`-Dlog4j2.configurationFile=${options.log4j}`];
  const paths: string[] = options.classes === undefined ? [] : [options.classes];
  for (const each of [set, ...(options.beside ?? [])]) paths.push(await classPath(each));
  return {
    command: javaProgram(),
    args: [...flags, ...(options.jvmFlags ?? []), ...log4j, '-cp', paths.join(delimiter), mainClass, ...args],
  };
}

/** Compiles a program against a set into `dir`: for one whose classes others load by name. */
export async function compileJava(set: JavaSet, source: string, dir: string): Promise<void> {
  await runToEnd(join(dirname(javaProgram()), 'javac'), ['-cp', await classPath(set), '-d', dir, source]);
}

/** A log4j 2 configuration that writes to standard output. */
export function log4jConfig(level: string): string {
  return [
    'appender.console.type = Console',
    'appender.console.name = console',
    'appender.console.target = SYSTEM_OUT',
    'appender.console.layout.type = PatternLayout',
    'appender.console.layout.pattern = %d{ISO8601} %p %c{1} - %m%n',
    `rootLogger.level = ${level}`,
    'rootLogger.appenderRef.console.ref = console',
    '',
  ].join('\n');
}

/**
 * Notes that a real server took part in this test run. `npm test` names the ledger and fails at the end when a server
 * is not in it: a suite that never met Kafka must not look green.
 */
export function noteRealServer(name: string): void {
  const ledger = process.env.MILLRACE_SERVER_LEDGER;
  if (ledger) appendFileSync(ledger, `${name}\n`);
}
