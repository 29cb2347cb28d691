// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the look-ups under test are written like that.
import fc from 'fast-check';

/** Text that is dense in what the grammar cares about. */
export const hostileProperties = fc
  .array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.constantFrom(
          '\\',
          '\n',
          '\r',
          '\r\n',
          ' ',
          '\t',
          '\f',
          '=',
          ':',
          '#',
          '!',
          '.',
          '\\u',
          '\\u00e9',
          '\ufeff',
        ),
      },
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          'a1',
          'sources',
          'channels',
          'sinks',
          'sinkgroups',
          'r1',
          'c1',
          'type',
          'memory',
          '${',
          '}',
          'env:',
          ':-',
          '__proto__',
          'constructor',
        ),
      },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 5 }) },
    ),
    { maxLength: 120 },
  )
  .map((parts) => parts.join(''));
