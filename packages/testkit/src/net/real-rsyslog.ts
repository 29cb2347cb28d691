/** rsyslog for tests: one daemon in the foreground, with a configuration of its own. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { noteRealServer } from '../process/java.ts';
import { ManagedProcess, runToEnd } from '../process/processes.ts';

const program = ['/usr/sbin/rsyslogd', '/sbin/rsyslogd'].find((path) => existsSync(path)) ?? 'rsyslogd';

/** Starts rsyslogd on this configuration, after its own check of the file; `dir` is absolute and exists. */
export async function startRsyslog(dir: string, conf: string): Promise<ManagedProcess> {
  const file = join(dir, 'rsyslog.conf');
  writeFileSync(file, conf);
  await runToEnd(program, ['-N1', '-f', file], { name: 'rsyslogd -N1' });
  noteRealServer('rsyslog');
  return ManagedProcess.spawn(program, ['-n', '-f', file, '-i', join(dir, 'rsyslog.pid')], {
    name: 'rsyslogd',
    cwd: dir,
  });
}
