/** Both syslog sources over TCP with a real rsyslog as their peer: octet counting, lines, and both on one port. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { SourceDefinition } from '../../packages/millrace/src/component/define.ts';
import { contextFor } from '../../packages/millrace/src/component/testing/context.ts';
import { RecordedEvents } from '../../packages/millrace/src/component/testing/recorded-events.ts';
import { multiportSyslogTcpSource } from '../../packages/millrace/src/components/syslog/multiport-source.ts';
import { syslogTcpSource } from '../../packages/millrace/src/components/syslog/tcp-source.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { freePort } from '../../packages/testkit/src/net/free-port.ts';
import { startRsyslog } from '../../packages/testkit/src/net/real-rsyslog.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const count = 1000;

/** Messages that begin with their number; every seventh has more lines, every fiftieth is long. */
function messages(): string[] {
  return Array.from({ length: count }, (_, i) => {
    if (i % 7 === 0) return `${i} Exception: größer\n\tat one (a.ts:1)\n\tat two (b.ts:2)`;
    return i % 50 === 1 ? `${i} ${'x'.repeat(5000)}` : `${i} a line of ${'y'.repeat(i % 90)}`;
  });
}

/** `newline`: whether the sender's template ends with one, as rsyslog's own do; it is counted then. */
async function sent(
  definition: SourceDefinition,
  framing: 'octetCounting' | 'auto' | 'lines',
  actions: readonly ('octet-counted' | 'traditional')[],
  newline: boolean,
): Promise<string[]> {
  await using dir = tempDir();
  const port = await freePort();
  const context = contextFor(definition, {
    host: '127.0.0.1',
    [definition === syslogTcpSource ? 'port' : 'ports']: String(port),
    framing,
    eventSize: 8000,
  });
  const recorded = new RecordedEvents();
  const source = definition.create({ ...context, channels: recorded });
  await source.start();
  writeFileSync(dir.join('in.log'), `${messages().join('\n')}\n`);
  const action = (how: string) =>
    `action(type="omfwd" target="127.0.0.1" port="${port}" protocol="tcp" TCP_Framing="${how}" template="line")`;
  await using _rsyslog = await startRsyslog(
    dir.path,
    `
      global(workDirectory="${dir.path}" maxMessageSize="16k")
      module(load="imfile")
      template(name="line" type="string" string="<13>1 2026-11-22T10:11:12Z host %msg%${newline ? '\\n' : ''}")
      input(type="imfile" file="${dir.join('in.log')}" tag="t" ruleset="r"
        startmsg.regex="^[0-9]" escapeLF="off")
      ruleset(name="r") { ${actions.map(action).join('\n')} }
    `,
  );
  try {
    // The last message ends where another begins.
    appendFileSync(dir.join('in.log'), '99999 the end\n99999 never sent\n');
    const last = () => recorded.events.filter(({ body }) => body.startsWith('99999')).length;
    await waitFor('the end', () => last() === actions.length, { timeoutMs: 60_000 });
  } finally {
    await source.stop();
  }
  const whole = recorded.events.filter(({ body }) => /^\d/.test(body));
  expect(whole.every(({ headers }) => headers.host === 'host')).toBe(true);
  return recorded.events.map(({ body }) => Buffer.from(body, 'latin1').toString());
}

test.each<[name: string, definition: SourceDefinition]>([
  ['syslogtcp', syslogTcpSource],
  ['multiport_syslogtcp', multiportSyslogTcpSource],
])('%s takes what a real rsyslog counts, whole and in order, its newlines too', async (_, definition) => {
  const wanted = [...messages(), '99999 the end'];
  expect(await sent(definition, 'octetCounting', ['octet-counted'], false)).toEqual(wanted);
  expect(await sent(definition, 'auto', ['octet-counted'], true)).toEqual(wanted);
});

test('one port takes both framings of a real rsyslog at once', async () => {
  const bodies = await sent(syslogTcpSource, 'auto', ['octet-counted', 'traditional'], true);
  // Over lines a message of several is as many events, of which the first alone is known to be one.
  const wanted = [...messages(), '99999 the end'];
  const lines = wanted.flatMap((body) => body.split('\n'));
  expect(bodies.sort()).toEqual([...wanted, ...lines].sort());
});
