/**
 * Ganglia's packets, as o.a.f.instrumentation.GangliaServer builds them: XDR, that is big-endian int32 and strings
 * behind their length, filled up with zeros to a multiple of 4.
 *
 *     3.0   int 0, type, HOST.NAME, value, units "", int slope, int tmax, int dmax
 *     3.1   int 128, host, name, int spoof, type, name, units "", int slope, int tmax, int dmax, int 1, "GROUP", "flume"
 *           int 133, host, name, int spoof, "%s", value
 */
const slopeBoth = 3;
const tmaxSeconds = 60;
const dmaxSeconds = 0;

export interface GangliaMetric {
  /** `flume.CHANNEL.c1.ChannelSize`. */
  readonly name: string;
  readonly value: string;
}

/** gmond's own buffer: what is longer it does not take. */
export const largestPacket = 1500;

/** The packets of one metric, in the order in which they go out: one for 3.0; for 3.1 what it is, then its value. */
export function gangliaPackets({ name, value }: GangliaMetric, host: string, isGanglia3: boolean): Buffer[] {
  const type = isJavaFloat(value) ? 'float' : 'string';
  const kind = ['', slopeBoth, tmaxSeconds, dmaxSeconds] as const;
  if (isGanglia3) return [xdr(0, type, `${host}.${name}`, value, ...kind)];
  return [
    xdr(128, host, name, 0, type, name, ...kind, 1, 'GROUP', 'flume'),
    xdr(133, host, name, 0, '%s', value),
  ];
}

/** What Float.parseFloat takes, but for hexadecimal. */
const isJavaFloat = (text: string): boolean =>
  /^\s*[+-]?(NaN|Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[fFdD]?)\s*$/.test(text);

function xdr(...values: readonly (number | string)[]): Buffer {
  return Buffer.concat(
    values.map((value) => {
      if (typeof value === 'number') {
        const int = Buffer.alloc(4);
        int.writeInt32BE(value);
        return int;
      }
      const text = Buffer.from(value, 'utf8');
      const field = Buffer.alloc(4 + Math.ceil(text.length / 4) * 4);
      field.writeInt32BE(text.length);
      text.copy(field, 4);
      return field;
    }),
  );
}
