/** A configuration on a web server: what real Flume asks of it and does with its answers, and what Millrace does. */
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { type ScriptedAnswer, ScriptedHttp } from '../../packages/testkit/src/net/scripted-http.ts';
import { javaCommand, log4jConfig, noteRealServer } from '../../packages/testkit/src/process/java.ts';
import { startMillrace } from '../../packages/testkit/src/process/millrace.ts';
import { ManagedProcess } from '../../packages/testkit/src/process/processes.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const conf = (sink: string) =>
  [
    'a1.sources = r1',
    'a1.channels = c1',
    `a1.sinks = ${sink}`,
    'a1.sources.r1.type = seq',
    'a1.sources.r1.totalEvents = 1',
    'a1.sources.r1.channels = c1',
    `a1.sinks.${sink}.type = null`,
    `a1.sinks.${sink}.channel = c1`,
  ].join('\n');
const channel = 'a1.channels.c1.type = memory\n';

const at = (hour: number) => `Sat, 28 Nov 2026 ${hour}:00:00 GMT`;
const text =
  (body: string, hour: number): ScriptedAnswer =>
  (response) =>
    response.writeHead(200, { 'last-modified': at(hour) }).end(body);

/** By path: the channel stands in a text of its own, which never changes. */
function script(answers: readonly ScriptedAnswer[], then: ScriptedAnswer): ScriptedAnswer {
  const left = [...answers];
  return (response, request) => {
    const answer = request.path.startsWith('/channel')
      ? request.headers['if-modified-since'] === undefined
        ? text(channel, 10)
        : 304
      : (left.shift() ?? then);
    if (typeof answer === 'number') response.writeHead(answer).end();
    else answer(response, request);
  };
}

/** Runs an agent against a server that answers k1, nothing new, nonsense, k2, nothing new; tells what it asked. */
async function asked(start: (args: string[]) => Promise<ManagedProcess>): Promise<unknown[]> {
  const answers = [text(conf('k1'), 10), 304, 500, 404, 401, text(conf('k2'), 11)] as const;
  await using server = await ScriptedHttp.start([], script(answers, 304));
  const uris = ['-u', `${server.url}/channel.properties`, '-u', `${server.url}/agent.conf`];
  const args = ['-n', 'a1', ...uris, '--poll-interval', '1', '--conf-user', 'flume', '--conf-password', 'pw'];
  await using agent = await start(args);
  await agent.waitForLine(/Starting Sink k1/);
  await agent.waitForLine(/Starting Sink k2/);
  const ofAgent = () => server.seen.filter(({ path }) => path.startsWith('/agent'));
  await waitFor('a look after the change', () => ofAgent().length > answers.length);
  return ofAgent()
    .slice(0, answers.length + 1)
    .map(({ method, path, headers }) => [
      method,
      path,
      headers['if-modified-since'],
      headers.authorization,
      headers['content-type'],
    ]);
}

test('the same requests, and the same configuration after every answer', async () => {
  await using dir = tempDir();
  writeFileSync(dir.join('log4j2.properties'), log4jConfig('INFO'));
  const theirs = await asked(async (args) => {
    const log4j = dir.join('log4j2.properties');
    const java = await javaCommand('flume', 'org.apache.flume.node.Application', args, { log4j });
    return ManagedProcess.spawn(java.command, java.args, { name: 'Flume', cwd: dir.path });
  });
  noteRealServer('flume');
  const mine = await asked((args) =>
    startMillrace(['agent', ...args, '-Dflume.root.logger=INFO,console'], { bin: 'flume-ng' }),
  );
  expect(mine).toEqual(theirs);
  const times = [undefined, at(10), at(10), at(10), at(10), at(10), at(11)];
  expect(theirs.map((each) => (each as unknown[])[2])).toEqual(times);
});
