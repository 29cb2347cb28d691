import assert from 'node:assert/strict';
import type { FileStore, StoreFile } from '../../clients/file-store/file-store.ts';
import { StoreError, type StoreFault } from '../../clients/file-store/store-error.ts';
import type { TestApi } from './test-api.ts';

/** A store under test and a way around it. */
export interface StoreFixture {
  readonly store: FileStore;
  /** The bytes that a reader gets under a name; null: there is nothing. Not asked through the store under test. */
  read(name: string): Promise<string | null>;
  /** Makes the store refuse in this way what comes, until `heal`. Absent: it can't be made to. */
  fail?: Partial<Record<Extract<StoreFault, 'full' | 'denied' | 'transient' | 'lost'>, () => Promise<void>>>;
  heal?(): Promise<void>;
  /** The place loses its power and comes back; a store anew over what it kept. Absent: it can't be made to. */
  crash?(): Promise<FileStore>;
  dispose?(): Promise<void>;
}

export interface StoreContractSetup {
  create(): Promise<StoreFixture>;
}

/** Names that no store may take. */
const impossibleNames = [
  '',
  '/etc/passwd',
  '../up',
  'a/../../up',
  'a/..',
  './a',
  'a//b',
  'a/',
  'a\0b',
  'a\nb',
  'a\u007f',
  '\ud800',
  'x'.repeat(256),
  `${'é'.repeat(128)}`,
  Array.from({ length: 300 }, () => 'abc').join('/'),
];
/** Names that every store takes. */
const goodNames = [
  'a',
  'd/e/f',
  'x'.repeat(255),
  'with blank',
  '..a',
  'a..',
  '%41',
  'čas',
  "q'uote",
  '#?&+;=@$,',
];
/** Names that a store takes, or says that it never can. */
const doubtfulNames = ['12:00', 'a:b/c', '.snapshot'];

/** Tests a store against the contract in `file-store.ts`. */
export function storeContract(test: TestApi, name: string, setup: StoreContractSetup): void {
  const it = (title: string, body: (fixture: StoreFixture) => Promise<void>) =>
    test.it(title, () => use(setup, body));

  test.describe(`store contract: ${name}`, () => {
    it('has all bytes under the name when close has resolved, in the order of the writes', async (fixture) => {
      for (const name of goodNames) {
        const file = await fixture.store.create(name);
        await file.write([Buffer.from('one '), Buffer.alloc(0), Buffer.from('two ')]);
        await file.write([Buffer.from('three')]);
        assert.equal(file.sizeBytes, 13);
        await file.close();
        assert.equal(await fixture.read(name), 'one two three', name);
      }
    });

    it('has what was made in its room between what was written, whoever else writes', async ({
      store,
      read,
    }) => {
      const files = await Promise.all(['r1', 'r2'].map((name) => store.create(name)));
      const wanted = files.map(() => [] as Buffer[]);
      for (let turn = 0; turn < 40 && files[0]!.room !== undefined; turn++) {
        const writing = files.map((file, n) => {
          const bytes = Buffer.alloc(turn % 7 === 6 ? 40_000 : 300_000, `${n}-${turn} `);
          wanted[n]!.push(bytes);
          const room = turn % 5 === 4 ? null : file.room!(bytes.length + 1000);
          if (room === null) return file.write([bytes]);
          bytes.copy(room);
          return file.wrote!(bytes.length);
        });
        await Promise.all(writing);
      }
      for (const [n, file] of files.entries()) {
        const text = Buffer.concat(wanted[n]!).toString();
        assert.equal(file.sizeBytes, text.length);
        await file.close();
        assert.ok((await read(file.name)) === text, `${file.name} has other bytes`);
      }
    });

    it('takes a name or says that it never can', async (fixture) => {
      for (const name of doubtfulNames) {
        const file = await fixture.store.create(name).catch((error: unknown) => {
          if (error instanceof StoreError && error.kind === 'name') return null;
          throw error;
        });
        if (file === null) continue;
        await file.close();
        assert.equal(await fixture.read(name), '', name);
      }
    });

    it('makes empty files', async (fixture) => {
      await (await fixture.store.create('empty')).close();
      assert.equal(await fixture.read('empty'), '');
    });

    it('shows open files only where it says so', async (fixture) => {
      const { store } = fixture;
      const file = await store.create('open');
      await file.write([Buffer.from('part')]);
      if (!store.abilities.showsOpenFiles) assert.equal(await fixture.read('open'), null);
      else assert.ok(store.abilities.rename, 'a file that shows while it is written needs another name');
      await file.close();
    });

    it('takes no name that leads out of its prefix or breaks a list, wherever it is given', async ({
      store,
    }) => {
      await written(store, 'from', 'x');
      for (const bad of impossibleNames) {
        await refuses(['name'], () => store.create(bad), bad);
        await refuses(['name'], () => store.delete(bad), bad);
        if (bad !== '') await refuses(['name'], () => listed(store, bad), bad);
        if (!store.abilities.rename) continue;
        await refuses(['name'], () => store.rename('from', bad), bad);
        await refuses(['name'], () => store.rename(bad, 'to'), bad);
      }
    });

    it('never writes over what is there', async (fixture) => {
      const { store } = fixture;
      await written(store, 'taken', 'first');
      if (store.abilities.exclusiveAt === 'create') {
        await refuses(['exists'], () => store.create('taken'));
        const open = await store.create('opened');
        await refuses(['exists'], () => store.create('opened'), 'a name that is being written');
        await open.close();
      } else {
        const file = await store.create('taken');
        await file.write([Buffer.from('second')]);
        await refuses(['exists'], () => file.close());
        await file.abandon();
      }
      assert.equal(await fixture.read('taken'), 'first');
    });

    it('gives one name to one of many that come at once', async (fixture) => {
      const results = await Promise.allSettled(
        Array.from({ length: 8 }, (_, i) => written(fixture.store, 'wanted', `by ${i}`)),
      );
      const winners = results.flatMap(({ status }, i) => (status === 'fulfilled' ? [i] : []));
      assert.equal(winners.length, 1);
      assert.equal(await fixture.read('wanted'), `by ${winners[0]}`);
    });

    it('renames, also into a folder that is not there, and never over what is there', async (fixture) => {
      const { store } = fixture;
      if (!store.abilities.rename) return;
      await written(store, 'old.tmp', 'text');
      await written(store, 'there', 'other');
      await refuses(['exists'], () => store.rename('old.tmp', 'there'));
      assert.equal(await fixture.read('there'), 'other');
      await store.rename('old.tmp', 'new/folder/name');
      assert.equal(await fixture.read('new/folder/name'), 'text');
      assert.equal(await fixture.read('old.tmp'), null);
      await store.rename('old.tmp', 'new/folder/name'); // as after an answer that was lost
      await refuses(['absent'], () => store.rename('nothing', 'nowhere'));
    });

    it('deletes, also what is not there', async (fixture) => {
      await written(fixture.store, 'd/gone', 'x');
      await fixture.store.delete('d/gone');
      assert.equal(await fixture.read('d/gone'), null);
      await fixture.store.delete('d/gone');
      await fixture.store.delete('no/such/folder');
    });

    it('lists the files of a folder with their sizes', async ({ store }) => {
      for (const name of ['a', 'd/b', 'd/c', 'd/e/f']) await written(store, name, name);
      assert.deepEqual(await listed(store, 'd'), { 'd/b': 3, 'd/c': 3 });
      assert.deepEqual(await listed(store, ''), { a: 1 });
      assert.deepEqual(await listed(store, 'no/such'), {});
    });

    it('cuts a file back, where it says so', async (fixture) => {
      const { store } = fixture;
      const file = await store.create('cut');
      await file.write([Buffer.from('kept, torn')]);
      if (store.abilities.cut) {
        await file.cut(4);
        assert.equal(file.sizeBytes, 4);
        await file.write([Buffer.from('!')]);
        await file.close();
        assert.equal(await fixture.read('cut'), 'kept!');
      } else {
        await refuses(['denied'], () => file.cut(4));
        await file.abandon();
      }
    });

    it('abandons a file, even twice and after its close', async ({ store }) => {
      const file = await store.create('left');
      await file.write([Buffer.from('x')]);
      await file.abandon();
      await file.abandon();
      const closed = await written(store, 'closed', 'x');
      await closed.abandon();
    });

    it('keeps through a power cut what it has called durable', async (fixture) => {
      const { store, crash } = fixture;
      if (crash === undefined) return;
      await written(store, 'd/closed', 'closed');
      if (store.abilities.rename) {
        await written(store, 'e/old', 'renamed');
        await store.rename('e/old', 'e/new');
      }
      const open = await store.create('f/open');
      await open.write([Buffer.from('synced')]);
      if (store.abilities.durableAt === 'sync') await open.sync();
      else await refuses(['denied'], () => open.sync());
      await open.write([Buffer.from(' not synced')]);
      await crash();
      assert.equal(await fixture.read('d/closed'), 'closed');
      if (store.abilities.rename) assert.equal(await fixture.read('e/new'), 'renamed');
      if (store.abilities.durableAt === 'sync')
        assert.equal((await fixture.read('f/open'))?.slice(0, 6), 'synced');
    });

    for (const kind of ['full', 'denied', 'transient', 'lost'] as const) {
      it(`says ${kind} where that is so, and goes on afterwards`, async (fixture) => {
        const fail = fixture.fail?.[kind];
        if (fail === undefined) return;
        const { store } = fixture;
        await written(store, 'before', 'x');
        await fail();
        // Which call meets it first is the store's affair; a file that can't be closed must not count as whole.
        await refuses([kind], () => written(store, 'during', 'y'.repeat(70_000)));
        await fixture.heal!();
        await written(store, 'after', 'z');
        assert.equal(await fixture.read('before'), 'x');
        assert.equal(await fixture.read('after'), 'z');
      });
    }

    it('closes twice', async ({ store }) => {
      await (await store.create('open')).write([Buffer.from('x')]);
      await store.close();
      await store.close();
    });
  });
}

async function use(setup: StoreContractSetup, body: (fixture: StoreFixture) => Promise<void>): Promise<void> {
  const fixture = await setup.create();
  try {
    await body(fixture);
  } finally {
    await fixture.store.close();
    await fixture.dispose?.();
  }
}

async function written(store: FileStore, name: string, text: string): Promise<StoreFile> {
  const file = await store.create(name);
  try {
    await file.write([Buffer.from(text)]);
    await file.close();
  } catch (error) {
    await file.abandon();
    throw error;
  }
  return file;
}

async function listed(store: FileStore, folder: string): Promise<Record<string, number>> {
  const files: Record<string, number> = {};
  for await (const { name, sizeBytes } of store.list(folder)) files[name] = sizeBytes;
  return files;
}

async function refuses(kinds: readonly StoreFault[], call: () => Promise<unknown>, what = ''): Promise<void> {
  let error: unknown = null;
  try {
    await call();
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(
    error instanceof StoreError,
    `${what}: ${error === null ? 'it was done' : `no StoreError: ${error}`}`,
  );
  assert.ok(kinds.includes(error.kind), `${what}: ${error.kind} instead of ${kinds.join(' or ')}`);
}
