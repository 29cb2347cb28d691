/**
 * What Flume 1.11.0 made of bytes in other charsets, when it was run with one source for each: the answers of netcat
 * and the bodies of its events, and the bodies of exec's events. `test/oracle/flume-charsets.test.ts` runs it again.
 */

/** One netcat source; each of `sends` is a connection of its own. All bytes in hexadecimal. */
export interface NetcatCharsetCase {
  readonly encoding: string;
  /** What is sent, and what is answered; `closed`: the peer closes without an answer. */
  readonly sends: readonly (readonly [sent: string, answer: string])[];
  /** All bodies in UTF-8, each with a newline. */
  readonly bodies: string;
}

const ok = '4f4b0a';
const closed = 'closed';

export const netcatCharsetCases: readonly NetcatCharsetCase[] = [
  { encoding: 'ISO-8859-1', sends: [['8093e90a', ok]], bodies: 'c280c293c3a90a' },
  { encoding: 'latin1', sends: [['80930a', ok]], bodies: 'c280c2930a' },
  {
    encoding: 'US-ASCII',
    sends: [
      ['61620a', ok],
      ['61e90a', closed],
    ],
    bodies: '61620a',
  },
  {
    encoding: 'windows-1252',
    sends: [
      ['8093e90a', ok],
      ['61810a', closed],
    ],
    bodies: 'e282ace2809cc3a90a',
  },
  {
    encoding: 'UTF-8',
    sends: [
      ['efbbbf610a', ok],
      ['e282ac0a', ok],
      ['61ff0a', closed],
      ['eda0800a', closed],
    ],
    bodies: 'efbbbf610ae282ac0a',
  },
  {
    encoding: 'UTF-16',
    sends: [
      ['feff0061000a', 'feff004f004b000a'],
      ['fffe61000a00', 'feff004f004b000a'],
      ['0061000a0062000a', 'feff004f004b000a004f004b000a'],
      ['feff0061d800000a', closed],
    ],
    bodies: '610a610a610a620a',
  },
  {
    encoding: 'UTF-16LE',
    sends: [
      ['61000a00', '4f004b000a00'],
      ['fffe61000a00', '4f004b000a00'],
      ['00d80a000a00', closed],
    ],
    bodies: '610aefbbbf610a',
  },
  {
    encoding: 'UTF-16BE',
    sends: [
      ['0061000a', '004f004b000a'],
      ['feff0061000a', '004f004b000a'],
    ],
    bodies: '610aefbbbf610a',
  },
  {
    encoding: 'x-UTF-16LE-BOM',
    sends: [
      ['61000a00', 'fffe4f004b000a00'],
      ['fffe61000a00', 'fffe4f004b000a00'],
    ],
    bodies: '610a610a',
  },
  {
    encoding: 'UTF-32',
    sends: [
      ['000000610000000a', '0000004f0000004b0000000a'],
      ['0000feff000000610000000a', '0000004f0000004b0000000a'],
      ['fffe0000610000000a000000', '0000004f0000004b0000000a'],
    ],
    bodies: '610a610a610a',
  },
  {
    encoding: 'UTF-32LE',
    sends: [
      ['610000000a000000', '4f0000004b0000000a000000'],
      ['fffe0000610000000a000000', '4f0000004b0000000a000000'],
    ],
    bodies: '610a610a',
  },
  {
    encoding: 'UTF-32BE',
    sends: [['0000feff000000610000000a', '0000004f0000004b0000000a']],
    bodies: '610a',
  },
  { encoding: 'IBM437', sends: [['809b0a', ok]], bodies: 'c387c2a20a' },
  { encoding: 'IBM850', sends: [['809b0a', ok]], bodies: 'c387c3b80a' },
  {
    encoding: 'GBK',
    sends: [
      ['d6d00a', ok],
      ['80ff0a', closed],
    ],
    bodies: 'e4b8ad0a',
  },
  {
    encoding: 'Shift_JIS',
    sends: [
      ['82a00a', ok],
      ['5c7e0a', ok],
      ['b10a', ok],
    ],
    bodies: 'e381820a5c7e0aefbdb10a',
  },
  { encoding: 'EUC-JP', sends: [['a4a20a', ok]], bodies: 'e381820a' },
  { encoding: 'Big5', sends: [['a4a40a', ok]], bodies: 'e4b8ad0a' },
  { encoding: 'KOI8-R', sends: [['c1c20a', ok]], bodies: 'd0b0d0b10a' },
  { encoding: 'ISO-8859-15', sends: [['a40a', ok]], bodies: 'e282ac0a' },
  { encoding: 'x-MacRoman', sends: [['8e0a', ok]], bodies: 'c3a90a' },
  { encoding: 'TIS-620', sends: [['a10a', ok]], bodies: 'e0b8810a' },
  { encoding: 'windows-1251', sends: [['c0980a', closed]], bodies: '' },
];

/** One exec source that prints `output`; bodies as they are, each with a newline byte. */
export interface ExecCharsetCase {
  readonly charset: string;
  readonly output: string;
  readonly bodies: string;
}

/** Only where a newline is not one byte: elsewhere Millrace leaves the bytes alone on purpose, bad ones too. */
export const execCharsetCases: readonly ExecCharsetCase[] = [
  { charset: 'UTF-16LE', output: '61000a0062000a00', bodies: '61000a62000a' },
  { charset: 'UTF-16LE', output: 'fffe61000a00', bodies: 'fffe61000a' },
  { charset: 'UTF-16LE', output: '610d0a0061000d000a00', bodies: '610d0a61000a' },
  { charset: 'UTF-16BE', output: '0061000a0062', bodies: '00610a00620a' },
  { charset: 'UTF-16', output: 'feff0061000a0062000a', bodies: 'feff00610afeff00620a' },
  { charset: 'UTF-16', output: 'fffe61000a0062000a00', bodies: 'feff00610afeff00620a' },
  { charset: 'UTF-16', output: '0061000a', bodies: 'feff00610a' },
  { charset: 'UTF-32', output: '000000610000000a000000620000000a', bodies: '000000610a000000620a' },
  { charset: 'UTF-32LE', output: '610000000a000000', bodies: '610000000a' },
  { charset: 'IBM437', output: '809b0a', bodies: '809b0a' },
  { charset: 'ISO-8859-1', output: '80930a', bodies: '80930a' },
  { charset: 'UTF-8', output: 'efbbbf610a', bodies: 'efbbbf610a' },
  { charset: 'GBK', output: 'd6d00a', bodies: 'd6d00a' },
  { charset: 'Shift_JIS', output: '82a00a', bodies: '82a00a' },
];
