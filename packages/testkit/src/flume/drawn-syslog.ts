/** Syslog messages that are drawn, good and broken, for a real Flume and for Millrace. */
import fc from 'fast-check';

const anyOf = (...texts: string[]) => fc.constantFrom(...texts);
const priorities = anyOf('<13>', '<0>', '<191>', '<034>', '<999>', '<1234>', '<a>', '13>', '');
const hosts = anyOf('host', 'a.b-c@d_1', '10.0.0.1', 'fe80::1', 'hôst', '.host');
const bodies = anyOf('su: failed', 'x', 'é à', `${'long '.repeat(30)}`, '- -', 'tab\there');
/** Not drawn: `-` with keepFields, fractions that are not of three digits and UTC, a CR between parts. */
export const drawnSyslog = {
  tcp: fc.tuple(
    priorities,
    anyOf('', '1', '1 ', ' ', '12 ', '  '),
    anyOf(
      '2026-11-22T10:11:12',
      '2026-11-22T10:11:12Z',
      '2026-11-22T10:11:12.123Z',
      '2026-11-22T10:11:12.123456Z',
      '2026-11-22T10:11:12+02:00',
      '2026-02-31T25:61:12Z',
      '2026-11-22T10:11:12.',
      '2026-11-22 10:11:12',
      'Nov 22 10:11:12',
      'Nov  2 10:11:12',
      'Jan 31 10:11:12',
      'Nov   2 10:11:12',
      'nov 22 10:11:12',
      'Xyz 22 10:11:12',
    ),
    anyOf(' ', '  ', '\t', ''),
    hosts,
    anyOf(' ', '\t', ''),
    bodies,
    anyOf('', '\r'),
  ),
  multi: fc.tuple(
    priorities,
    anyOf('', '1 '),
    anyOf(
      '2026-11-22T10:11:12Z',
      '2026-11-22T10:11:12.1Z',
      '2026-11-22T10:11:12.123456Z',
      '2026-11-22T10:11:12.12-03:30',
      '2026-11-22T10:11:12+02:00',
      '2026-11-22T10:11:12+0200',
      '2026-11-22',
      'Hello World',
      'Xyz 22 10:11:12',
    ),
    anyOf(' ', '  '),
    anyOf('host', 'hôst', '-', 'fe80::1'),
    anyOf(' ', ''),
    bodies,
    anyOf('', '\r'),
  ),
};
