/** java.util.TimeZone: which zone a name means, and the offset of one at a time. */

export interface JavaZone {
  /** Milliseconds to add to UTC at this moment (Unix ms). */
  offsetAt(ms: number): number;
}

/** The zone of this machine. */
export const machineZone: JavaZone = cached((ms) => -new Date(ms).getTimezoneOffset() * 60_000);

const utc: JavaZone = { offsetAt: () => 0 };

/** Short names that Java knows and the time zone database doesn't, or means otherwise. */
const shortNames: Readonly<Record<string, string>> = {
  ACT: 'Australia/Darwin',
  AET: 'Australia/Sydney',
  AGT: 'America/Argentina/Buenos_Aires',
  ART: 'Africa/Cairo',
  AST: 'America/Anchorage',
  BET: 'America/Sao_Paulo',
  BST: 'Asia/Dhaka',
  CAT: 'Africa/Harare',
  CNT: 'America/St_Johns',
  CST: 'America/Chicago',
  CTT: 'Asia/Shanghai',
  EAT: 'Africa/Addis_Ababa',
  ECT: 'Europe/Paris',
  EST: '-05:00',
  HST: '-10:00',
  IET: 'America/Indiana/Indianapolis',
  IST: 'Asia/Kolkata',
  JST: 'Asia/Tokyo',
  MIT: 'Pacific/Apia',
  MST: '-07:00',
  NET: 'Asia/Yerevan',
  NST: 'Pacific/Auckland',
  PLT: 'Asia/Karachi',
  PNT: 'America/Phoenix',
  PRT: 'America/Puerto_Rico',
  PST: 'America/Los_Angeles',
  SST: 'Pacific/Guadalcanal',
  VST: 'Asia/Ho_Chi_Minh',
};

/** The zone that `TimeZone.getTimeZone` gives; undefined where Java doesn't know the name, and takes GMT. */
export function javaTimeZone(id: string): JavaZone | undefined {
  const custom = /^GMT([+-])(\d{1,2})(?::?(\d{2}))?$/.exec(id);
  if (custom !== null) {
    const hours = Number(custom[2]);
    const minutes = Number(custom[3] ?? 0);
    if (hours > 23 || minutes > 59) return undefined;
    return fixed((custom[1] === '-' ? -1 : 1) * (hours * 60 + minutes));
  }
  if (id === 'GMT' || id === 'UTC') return utc;
  const name = Object.hasOwn(shortNames, id) ? shortNames[id]! : id;
  const offset = /^-(\d\d):00$/.exec(name);
  if (offset !== null) return fixed(-60 * Number(offset[1]));
  return named(name);
}

function named(name: string): JavaZone | undefined {
  if (!/^[A-Za-z]/.test(name)) return undefined;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
      ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
  } catch {
    return undefined;
  }
  // Java's names are exact; the time zone database is looked up in any letter case here.
  const found = format.resolvedOptions().timeZone;
  if (found !== name && found.toLowerCase() === name.toLowerCase()) return undefined;
  return cached((ms) => {
    const parts: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(ms)) parts[type] = Number(value);
    const { year, month, day, hour, minute, second } = parts as Record<string, number>;
    const local = Date.UTC(year!, month! - 1, day!, hour!, minute!, second!);
    return local - Math.floor(ms / 1000) * 1000;
  });
}

function fixed(minutes: number): JavaZone {
  return { offsetAt: () => minutes * 60_000 };
}

/** Offsets change at quarters of an hour alone, at least since there are log files. */
const slotMs = 15 * 60_000;

function cached(offsetAt: (ms: number) => number): JavaZone {
  let slot = Number.NaN;
  let offset = 0;
  return {
    offsetAt(ms) {
      const its = Math.floor(ms / slotMs);
      if (its !== slot) {
        offset = offsetAt(its * slotMs);
        slot = its;
      }
      return offset;
    },
  };
}
