import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { RealPostgres } from '../../../../testkit/src/sql/real-postgres.ts';
import { contextFor } from '../../component/testing/context.ts';
import { sinkContract } from '../../component/testing/sink-contract.ts';
import { batchOf } from '../../component/testing/test-api.ts';
import { sqlSink } from './sink.ts';

let postgres: RealPostgres;
beforeAll(async () => {
  postgres = await RealPostgres.start();
});
afterAll(() => postgres[Symbol.asyncDispose]());
let tables = 0;

interface Way {
  fail(table: string): Promise<void>;
  heal(table: string): Promise<void>;
}

/** Of what a database that is there can do to a sink; the order of the rows is that in which they came. */
const ways: Readonly<Record<string, Way>> = {
  'a server that is away': { fail: () => postgres.stop(), heal: () => postgres.restart() },
  'a column that is gone': {
    fail: async (table) => void (await postgres.rows(`ALTER TABLE "${table}" RENAME COLUMN line TO other`)),
    heal: async (table) => void (await postgres.rows(`ALTER TABLE "${table}" RENAME COLUMN other TO line`)),
  },
  'rights that are gone': {
    fail: async () =>
      void (await postgres.rows(
        "ALTER USER collector NOLOGIN; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'collector'",
      )),
    heal: async () => void (await postgres.rows('ALTER USER collector LOGIN')),
  },
};

for (const [how, { fail, heal }] of Object.entries(ways)) {
  sinkContract({ describe, it }, `sql, PostgreSQL, failing by ${how}`, {
    create: async () => {
      const table = `t${tables++}`;
      await postgres.rows(
        'DO $$ BEGIN CREATE USER collector; EXCEPTION WHEN duplicate_object THEN NULL; END $$; ALTER USER collector LOGIN; ' +
          `CREATE TABLE "${table}" (n bigserial, line text CHECK (line <> 'bad')); GRANT ALL ON ALL TABLES IN SCHEMA public TO collector; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO collector`,
      );
      const properties = {
        url: postgres.url().replace('millrace@', 'collector@'),
        table,
        'columns.line': 'body',
        key: 'none',
      };
      return {
        sink: sqlSink.create(contextFor(sqlSink, properties)),
        delivered: () => postgres.rows(`SELECT line FROM "${table}" ORDER BY n`),
        fail: () => fail(table),
        heal: () => heal(table),
        refusable: () => batchOf('bad'),
      };
    },
  });
}

sinkContract({ describe, it }, 'sql, SQLite', {
  create: async () => {
    const dir = tempDir('millrace-sqlite-');
    const file = dir.join('events.db');
    const database = new DatabaseSync(file);
    database.exec("CREATE TABLE t (line TEXT CHECK (line <> 'bad'))");
    const properties = { url: `sqlite:${file}`, table: 't', 'columns.line': 'body', key: 'none' };
    return {
      sink: sqlSink.create(contextFor(sqlSink, properties)),
      delivered: async () =>
        database
          .prepare('SELECT line FROM t ORDER BY rowid')
          .all()
          .map(({ line }) => String(line)),
      fail: async () => database.exec('BEGIN IMMEDIATE'),
      heal: async () => database.exec('COMMIT'),
      refusable: () => batchOf('bad'),
      dispose: async () => {
        database.close();
        dir[Symbol.dispose]();
      },
    };
  },
});
