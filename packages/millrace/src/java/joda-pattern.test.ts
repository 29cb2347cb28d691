import { describe, expect, it } from 'vitest';
import { jodaPattern } from './joda-pattern.ts';

const parse = (pattern: string, text: string) => jodaPattern(pattern).parse(text);
const utc = (pattern: string, text: string) => new Date(parse(`${pattern} Z`, `${text} +0000`)).toISOString();

describe('a Joda pattern', () => {
  it.each([
    ['yyyy-MM-dd HH:mm:ss.SSS', '2012-10-18 18:47:57.614', '2012-10-18T18:47:57.614Z'],
    ["yyyy-MM-dd'T'HH:mm", '2012-10-18T18:47', '2012-10-18T18:47:00.000Z'],
    ['dd/MMM/yyyy:HH:mm:ss', '18/Oct/2012:18:47:57', '2012-10-18T18:47:57.000Z'],
    ['d MMMM yyyy', '8 october 2012', '2012-10-08T00:00:00.000Z'],
    ['EEE, d MMM yyyy', 'Thu, 18 Oct 2012', '2012-10-18T00:00:00.000Z'],
    ['hh:mm a', '12:30 AM', '1970-01-01T00:30:00.000Z'],
    ['h:mm a', '7:05 pm', '1970-01-01T19:05:00.000Z'],
    ['K a', '0 pm', '1970-01-01T12:00:00.000Z'],
    ['k', '24', '1970-01-01T00:00:00.000Z'],
    ['yyyyMMdd', '20121018', '2012-10-18T00:00:00.000Z'],
    ['yyyy D', '2012 60', '2012-02-29T00:00:00.000Z'],
    ['yyyy', '12', '0012-01-01T00:00:00.000Z'],
    ['yy-M', '12-3', '2012-03-01T00:00:00.000Z'],
    ['yy', '2012', '2012-01-01T00:00:00.000Z'],
    ['d HH', '2 03', '2000-01-02T03:00:00.000Z'],
    ["HH 'd'", '03 d', '1970-01-01T03:00:00.000Z'],
    ['ss.S', '07.5', '1970-01-01T00:00:07.500Z'],
    ["''yyyy''", "'2012'", '2012-01-01T00:00:00.000Z'],
  ])('%s reads %s', (pattern, text, iso) => {
    expect(utc(pattern, text)).toBe(iso);
  });

  it('takes offsets and the usual names of zones', () => {
    const noon = Date.UTC(2012, 0, 1, 12);
    expect(parse('yyyy-MM-dd HH:mm Z', '2012-01-01 13:30 +01:30')).toBe(noon);
    expect(parse('yyyy-MM-dd HH:mm ZZ', '2012-01-01 12:00 Z')).toBe(noon);
    expect(parse('yyyy-MM-dd HH:mm z', '2012-01-01 04:00 PST')).toBe(noon);
  });

  it('is in the zone of the machine where the text names none', () => {
    expect(parse('yyyy-MM-dd HH:mm', '2012-10-18 18:47')).toBe(new Date(2012, 9, 18, 18, 47).getTime());
  });

  it.each([
    ['yyyy-MM', '2012-13', 'Value 13 for monthOfYear must be in the range [1,12]'],
    ['yyyy-MM-dd', '2012-02-30', 'Value 30 for dayOfMonth must be in the range [1,29]'],
    ['HH', '24', 'Value 24 for hourOfDay must be in the range [0,23]'],
    ['yyyy', '2012 ', 'is malformed at " "'],
    ['yyyy-MM', '2012/10', 'is malformed at "/10"'],
    ['MMM', 'Foo', 'is malformed at "Foo"'],
  ])('%s refuses %s', (pattern, text, message) => {
    expect(() => parse(pattern, text)).toThrow(message);
  });

  it.each([['G'], ['C'], ['xxxx'], ['ww'], ['ZZZ'], ["yyyy 'open"]])(
    '%s is no pattern that is known',
    (pattern) => {
      expect(() => jodaPattern(pattern)).toThrow(/character \d+/);
    },
  );
});
