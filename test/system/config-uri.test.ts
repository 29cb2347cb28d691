/** An agent whose configuration lies on a web server that is not always well. */
import { expect, test } from 'vitest';
import { type ScriptedAnswer, ScriptedHttp } from '../../packages/testkit/src/net/scripted-http.ts';
import { startMillrace } from '../../packages/testkit/src/process/millrace.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const conf = (sink: string, more = '') =>
  [
    'a1.sources = r1',
    'a1.channels = c1',
    `a1.sinks = ${sink}`,
    'a1.sources.r1.type = seq',
    'a1.sources.r1.totalEvents = 1',
    'a1.sources.r1.channels = c1',
    'a1.channels.c1.type = memory',
    `a1.sinks.${sink}.type = null`,
    `a1.sinks.${sink}.channel = c1`,
    more,
  ].join('\n');
const text =
  (body: string): ScriptedAnswer =>
  (response) =>
    response.end(body);
const half: ScriptedAnswer = (response) => {
  response.writeHead(200, { 'content-length': '10000' }).write(conf('k9'));
  setImmediate(() => response.destroy());
};

test('what the server can not give leaves the old configuration running, and is told', async () => {
  await using server = await ScriptedHttp.start([text(conf('k1'))], 304);
  const args = ['agent', '-n', 'a1', '-u', `${server.url}/a.conf`, '-i', '1'];
  await using agent = await startMillrace([...args, '-Dflume.root.logger=INFO,console'], { bin: 'flume-ng' });
  await agent.waitForLine(/Starting Sink k1/);

  server.play([500, half, text(conf('k2', 'a1.sinks.k2.channel = c2'))]);
  await agent.waitForLine(/it answered 500; the configuration that runs goes on/);
  await agent.waitForLine(/the connection ended before the answer had; the configuration that runs goes on/);
  // What can't run does not replace what does.
  await agent.waitForLine(/The new configuration is not taken, the old one goes on/);
  server.play([text(conf('k3'))]);
  await agent.waitForLine(/Starting Sink k3/);

  // Asked for by a signal, the same text is no change, and nothing is begun anew.
  server.play([], text(conf('k3', '# a comment')));
  process.kill(agent.pid, 'SIGHUP');
  await agent.waitForLine(/nothing of it has changed/);
  const asked = server.seen.length;
  await waitFor('another look', () => server.seen.length > asked);
  expect(`${agent.stdout}${agent.stderr}`).not.toMatch(/Starting Sink k[29]/);
  expect((await agent.stop()).code).toBe(143);
});

test('a server that is not there at the start ends the process, with what to do', async () => {
  await using server = await ScriptedHttp.start([], 404);
  const args = ['agent', '-n', 'a1', '-u', `${server.url}/a.conf`];
  await using agent = await startMillrace(args, { bin: 'flume-ng' });
  expect((await agent.exited).code).toBe(78);
  expect(`${agent.stdout}${agent.stderr}`).toContain('it answered 404, there is no such file');
  expect(`${agent.stdout}${agent.stderr}`).toContain('Check the URI that -u gives');
});
