/** What becomes of events when HDFS fails in each of its ways: nothing is lost, no half file has a final name. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { NameNodeFront } from '../../packages/testkit/src/hdfs/name-node-front.ts';
import { NumberedLines } from '../../packages/testkit/src/hdfs/numbered-lines.ts';
import { RealHdfs } from '../../packages/testkit/src/hdfs/real-hdfs.ts';
import { TcpProxy } from '../../packages/testkit/src/net/tcp-proxy.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

let hdfs: RealHdfs;
beforeAll(async () => {
  // One replica, so that it is known on which DataNode a file is.
  hdfs = await RealHdfs.start({ dataNodes: 2, settings: { 'dfs.replication': 1 } });
});
afterAll(async () => {
  await hdfs?.[Symbol.asyncDispose]();
});

const child = join(import.meta.dirname, '../../packages/testkit/src/flume/hdfs-sink-child.ts');
/** One mode each, which differ most where it is drawn; both with rounds that are asked for. */
const both = process.env.MILLRACE_ORACLE_ROUNDS !== undefined;
const modes = (first: 'append' | 'stream') => (both ? ['append', 'stream'] : [first]);
const opened = (lines: NumberedLines) =>
  waitFor('an open file', async () => (await hdfs.files(lines.folder)).length > 0);

/** Lines that are written to a folder of their own, under `webhdfs://127.0.0.1:PORT`. */
async function numbered(
  name: string,
  writeMode: string,
  open: string,
  { port = hdfs.httpPort, properties = {} }: { port?: number; properties?: Record<string, unknown> } = {},
): Promise<NumberedLines> {
  const folder = `/${name}-${writeMode}`;
  await hdfs.makeFolder(folder, 'mill');
  const path = `webhdfs://127.0.0.1:${port}${folder}/in`;
  const lines = new NumberedLines(path, folder, { writeMode, openFilesFolder: open, ...properties });
  await lines.start();
  return lines;
}

const fine = { missing: [], twice: [], torn: [], inUse: [] };

/** One of the texts says it, and each is one line. */
function expectTold(lines: NumberedLines, what: RegExp): void {
  const texts = [...lines.told, ...lines.diagnostics];
  expect(texts.filter((text) => /[\r\n]|\sat org\./.test(text))).toEqual([]);
  expect(texts.some((text) => what.test(text)) ? [] : texts).toEqual([]);
}

it.each(modes('append'))(
  '%s: a NameNode in safe mode, and one that is killed and started again',
  async (mode) => {
    using open = tempDir();
    const lines = await numbered('safe', mode, open.path);
    await lines.deliver(3);
    await hdfs.safeMode(true);
    const waiting = lines.deliver(3);
    await waitFor('a failure', () => lines.told.size > 0);
    await hdfs.safeMode(false);
    await waiting;
    expectTold(lines, /^can't (make|write|append to) \S+: SafeModeException: .*safe mode/);
    lines.told.clear();
    const half = lines.begin(mode === 'stream' ? 2 : 1);
    await opened(lines);
    await hdfs.killNameNode();
    const rest = lines.deliver(4);
    await waitFor('a failure', () => lines.told.size > 0);
    await hdfs.startNameNode();
    await hdfs.waitUntilServing();
    await Promise.all([half, rest]);
    await lines.finish();
    expectTold(lines, /ECONNREFUSED|connection/);
    expect(await lines.findings(hdfs)).toEqual(fine);
  },
);

it.each(modes('stream'))('%s: a quota that is spent, and a folder that is not ours', async (mode) => {
  using open = tempDir();
  const lines = await numbered('quota', mode, open.path);
  await lines.deliver(3);
  for (const [way, query, back, what] of [
    [
      'names',
      'op=SETQUOTA&namespacequota=1',
      'op=SETQUOTA&namespacequota=1000000',
      /NSQuotaExceededException/,
    ],
    [
      'space',
      'op=SETQUOTA&storagespacequota=1',
      'op=SETQUOTA&storagespacequota=1000000000000',
      /DSQuotaExceededException/,
    ],
    [
      'rights',
      'op=SETPERMISSION&permission=000',
      'op=SETPERMISSION&permission=755',
      /AccessControlException: Permission denied: user=mill/,
    ],
  ] as const) {
    lines.told.clear();
    await hdfs.ask('PUT', lines.folder, query);
    const waiting = lines.deliver(3);
    await waitFor(`a failure for ${way}`, () => lines.told.size > 0);
    await sleep(300);
    await hdfs.ask('PUT', lines.folder, back);
    await waiting;
    expectTold(lines, what);
  }
  await lines.finish();
  expect(await lines.findings(hdfs)).toEqual(fine);
});

it.each(modes('append'))('%s: a request that is cut, and renames that HDFS does not do', async (mode) => {
  using open = tempDir();
  await using front = await NameNodeFront.start(hdfs.httpPort);
  await using proxy = await TcpProxy.start({ targetPort: hdfs.dataNodeHttpPort(1) });
  await hdfs.killDataNode(2);
  front.divert = (place) => {
    place.port = String(proxy.port);
  };
  const lines = await numbered('cut', mode, open.path, { port: front.port });
  await lines.deliver(3);
  for (const bytes of [0, 250, 700, 1500]) {
    proxy.cutAfter(bytes);
    await lines.deliver(3);
  }
  expectTold(lines, /^can't (make|write|close|append to) \S+: http:\S+: \S/);
  let refusals = 2;
  front.answer = ({ op }) =>
    op === 'RENAME' && refusals-- > 0 ? { status: 200, body: { boolean: false } } : null;
  await lines.deliver(3);
  await lines.finish();
  expectTold(lines, /can't rename \S+ to \S+: HDFS answers that it was not done/);
  expect(refusals).toBeLessThan(0);
  const { twice, ...others } = await lines.findings(hdfs);
  expect(others).toEqual({ missing: [], torn: [], inUse: [] });
  if (mode === 'stream') expect(twice).toEqual([]);
  await hdfs.startDataNode(2);
  await hdfs.waitUntilServing();
});

it.each(modes('stream'))(
  '%s: a DataNode that dies with a file open, and is named again until HDFS knows',
  async (mode) => {
    using open = tempDir();
    await hdfs.killDataNode(2);
    await hdfs.waitUntilServing(1, 1);
    const lines = await numbered('dead', mode, open.path);
    const half = lines.begin(mode === 'stream' ? 2 : 1);
    await opened(lines);
    if (mode === 'append') await half;
    await hdfs.startDataNode(2);
    await hdfs.waitUntilServing();
    await hdfs.killDataNode(1);
    await Promise.all([half, lines.deliver(4), lines.deliver(3)]);
    await lines.finish();
    await hdfs.startDataNode(1);
    await hdfs.waitUntilServing();
    expectTold(lines, /^can't (make|write|close|append to) \S+: /);
    expect(await lines.findings(hdfs)).toEqual(fine);
  },
);

it.each(modes('append'))('%s: a process that is killed, and started again', async (mode) => {
  using open = tempDir();
  const folder = `/killed-${mode}`;
  await hdfs.makeFolder(folder, 'mill');
  const acknowledged = new Set<number>();
  for (let round = 0; round < 3; round++) {
    // As a channel does: what is not acknowledged comes again.
    let first = 0;
    while (acknowledged.has(first)) first++;
    const url = `${hdfs.webUrl}${folder}`;
    const life = spawn(process.execPath, [child, open.path, mode, String(first), url], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(life, 'exit');
    let lines = 0;
    for await (const line of createInterface({ input: life.stdout })) {
      const [, from, to] = line.split(' ').map(Number);
      for (let n = from!; n < to!; n++) acknowledged.add(n);
      if (++lines === 9 + 5 * round) life.kill('SIGKILL');
    }
    await exited;
  }
  const path = `${hdfs.webUrl}${folder}/%{bucket}`;
  const sweeping = new NumberedLines(path, folder, { writeMode: mode, openFilesFolder: open.join('open') });
  await sweeping.finish();
  sweeping.count = Math.max(...acknowledged) + 1;
  const { missing, inUse } = await sweeping.findings(hdfs);
  expect(inUse).toEqual([]);
  expect(missing.filter((n) => acknowledged.has(n))).toEqual([]);
  if (mode !== 'stream') return;
  // What has a final name is whole.
  for (const { path: name } of await hdfs.files(folder))
    expect((await hdfs.read(name))!.toString(), name).toMatch(/^(line \d+\n){25}$/);
});
