import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../../../../../testkit/src/files/temp-dir.ts';
import { waitFor } from '../../../../../testkit/src/process/wait.ts';
import { recordingLogger } from '../../../component/testing/context.ts';
import { originOf } from './config-origin.ts';
import { type PolledText, PolledTexts } from './polled-texts.ts';
import { textAt } from './text-at.ts';

const { signal } = new AbortController();
const shown = (texts: readonly { name: string; bytes: Uint8Array }[]) =>
  texts.map(({ name, bytes }) => `${name}: ${Buffer.from(bytes)}`);

/** A text that says what it is told to: a new value, null for no change, an error. */
function scripted(name: string, first: string | Error) {
  const state: { next: string | Error | null } = { next: first };
  const take = async () => {
    const { next } = state;
    if (next instanceof Error) throw next;
    state.next = null;
    return next === null ? null : Buffer.from(next);
  };
  let held = Buffer.alloc(0);
  const text: PolledText = {
    name,
    changedLine: `${name} changed`,
    read: async () => {
      held = (await take()) ?? held;
      return held;
    },
    look: take,
  };
  return { state, text };
}

function polled(...texts: PolledText[]) {
  const lines: string[] = [];
  const logger = recordingLogger(lines);
  const calls: string[] = [];
  const origin = new PolledTexts(texts, 5, logger);
  const look = () => origin.look(async (line) => void calls.push(line), signal);
  return { origin, lines, calls, look };
}

describe('texts that are looked at', () => {
  it('are one call where several have changed, and none where none has', async () => {
    const [a, b] = [scripted('a', '1'), scripted('b', '2')];
    const { origin, calls, look } = polled(a.text, b.text);
    await origin.open();
    await look();
    expect(calls).toEqual([]);
    a.state.next = '3';
    b.state.next = '4';
    await look();
    expect(calls).toEqual(['b changed']);
    expect(shown(origin.texts())).toEqual(['a: 3', 'b: 4']);
  });

  it('that fail are told once, and when they are back; another that has changed counts meanwhile', async () => {
    const [a, b] = [scripted('a', '1'), scripted('b', '2')];
    const { origin, lines, calls, look } = polled(a.text, b.text);
    await origin.open();
    a.state.next = new Error('a is gone');
    await look();
    b.state.next = '3';
    await look();
    expect(calls).toEqual(['b changed']);
    expect(shown(origin.texts())).toEqual(['a: 1', 'b: 3']);
    a.state.next = null;
    await look();
    expect(lines).toEqual([
      'error a is gone; the configuration that runs goes on',
      'info a can be read again',
    ]);
  });

  it('of which one could not be read at the start are whole, or not there', async () => {
    const [a, b] = [scripted('a', '1'), scripted('b', new Error('b is gone'))];
    const { origin, calls, look } = polled(a.text, b.text);
    await expect(origin.open()).rejects.toThrow('b is gone');
    await look();
    expect(calls).toEqual([]);
    b.state.next = '2';
    await look();
    expect(calls).toEqual(['b changed']);
    expect(shown(origin.texts())).toEqual(['a: 1', 'b: 2']);
  });

  it('go on being looked at after a call that failed', async () => {
    const a = scripted('a', '1');
    const { origin, lines } = polled(a.text);
    await origin.open();
    let calls = 0;
    const watch = origin.watch(async () => {
      calls++;
      throw new Error('no such component');
    });
    a.state.next = '2';
    await waitFor('the first call', () => calls === 1);
    a.state.next = '3';
    await waitFor('the second call', () => calls === 2);
    await watch.stop();
    expect(lines[0]).toBe('error Failed to load configuration data: no such component');
  });
});

describe('a file', () => {
  it('is another by a later time of its last change, and no other when it is away for a moment', async () => {
    using dir = tempDir();
    const file = dir.join('flume.conf');
    writeFileSync(file, 'a=1');
    const text = textAt(`file://${file}`, { kind: 'texts', places: [], intervalMs: 1 });
    expect(text.name).toBe(file);
    await text.read(signal);
    expect(await text.look(signal)).toBe(null);
    rmSync(file);
    expect(await text.look(signal)).toBe(null);
    writeFileSync(file, 'a=2');
    utimesSync(file, 0, Date.now() / 1000 + 5);
    expect(Buffer.from((await text.look(signal))!).toString()).toBe('a=2');
    expect(await text.look(signal)).toBe(null);
  });
});

describe('a place', () => {
  const plan = { kind: 'texts', places: [], intervalMs: 1 } as const;

  it.each(['classpath:own.conf', 'classpath:/own.conf', 'classpath://own.conf', 'classpath:///own.conf'])(
    '%s is looked for in the folders of the class path, in order',
    async (uri) => {
      using dir = tempDir();
      for (const name of ['one', 'two']) mkdirSync(dir.join(name));
      writeFileSync(dir.join('two', 'own.conf'), 'a=2');
      const classPath = [dir.join('gone'), dir.join('one'), dir.join('two')];
      const text = textAt(uri, { ...plan, classPath });
      expect(Buffer.from(await text.read(signal)).toString()).toBe('a=2');
      writeFileSync(dir.join('one', 'own.conf'), 'a=1');
      expect(Buffer.from(await text.read(signal)).toString()).toBe('a=1');
      expect(await text.look(signal)).toBe(null);
      const none = textAt('classpath:none.conf', { ...plan, classPath });
      await expect(none.read(signal)).rejects.toThrow(`there is no none.conf in ${classPath.join(', ')}`);
    },
  );

  it.each(['file:flume.conf', 'file://host/flume.conf', 'ftp://x/flume.conf', 'classpath:'])(
    '%s is refused',
    (uri) => {
      expect(() => textAt(uri, plan)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    },
  );

  it('that Flume would not read for its name is left out and told', async () => {
    const lines: string[] = [];
    const logger = recordingLogger(lines);
    const places = [
      '/etc/flume.json',
      'http://h/conf.yaml?x.properties',
      'http://h/a.json.conf',
      '/x.d/json',
    ];
    const origin = await originOf({ ...plan, places }, { agentName: 'a1', log: logger });
    expect(origin.names).toEqual(['http://h/a.json.conf', '/x.d/json']);
    expect(lines).toEqual([
      'warn File extension type json is unsupported',
      'warn File extension type yaml is unsupported',
    ]);
    await expect(originOf({ ...plan, places: ['/a.xml'] }, { agentName: 'a1', log: logger })).rejects.toThrow(
      'none of /a.xml is a properties file',
    );
    await origin.close();
  });
});
