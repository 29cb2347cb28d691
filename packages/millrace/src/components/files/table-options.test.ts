import { describe, expect, it } from 'vitest';
import { contextFor } from '../../component/testing/context.ts';
import { textSerializer } from '../text/text-serializer.ts';
import { type HdfsOptions, notesOfHdfs } from './hdfs-options.ts';
import { hdfsSink } from './hdfs-sink.ts';

const optionsOf = (own: Readonly<Record<string, string | number>>) =>
  contextFor(hdfsSink, { 'hdfs.path': 'file:///tmp/out', 'hdfs.fileType': 'parquet', ...own }, 'k1', [
    textSerializer,
  ]).options as unknown as HdfsOptions;

describe('options of tables', () => {
  it.each([
    [{ 'table.misfits': 'refuse', names: 'deterministic' }, /table\.misfits: .*refused whenever it comes/],
    [{ 'table.headers': 'host, host' }, /two columns 'host'/],
    [{ 'table.headers': '_rest' }, /two columns '_rest'/],
    [{ 'hdfs.fileType': 'avro', 'table.headers': 'x-id' }, /no column of avro can be called 'x-id'/],
    [{ 'hdfs.codeC': 'gzip' }, /files of the type parquet have a compression of their own/],
  ])('are told where they can be none: %j', (own, fault) => {
    expect(() => optionsOf(own)).toThrow(fault);
  });

  it('may refuse events by offsets where the columns are given', () => {
    const own = { 'table.misfits': 'refuse', names: 'deterministic', 'table.schemaFile': '/x.avsc' };
    expect(optionsOf(own)['table.schemaFile']).toBe('/x.avsc');
  });

  it('are noted where files are as small as those of Flume', () => {
    const told = (own: Readonly<Record<string, string | number>>) =>
      notesOfHdfs(optionsOf(own)).map(({ message }) => message);
    const little = 'hdfs.fileType: a file of type parquet ends after';
    expect(told({})).toEqual([`${little} 10 events or 1024 bytes: that is little for a table`]);
    expect(told({ 'hdfs.rollCount': 0 })).toEqual([`${little} 1024 bytes: that is little for a table`]);
    expect(told({ 'hdfs.rollSize': 0 })).toEqual([`${little} 10 events: that is little for a table`]);
    expect(told({ 'hdfs.rollCount': 0, 'hdfs.rollSize': 0 })).toEqual([]);
    expect(told({ 'hdfs.fileType': 'DataStream' })).toEqual([]);
  });
});
