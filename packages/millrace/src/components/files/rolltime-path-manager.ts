import { definePathManager } from '../../component/define.ts';
import { rollPath, rollPathOptions } from './roll-path.ts';

/** Flume's RollTimePathManager. */
export const rollTimePathManager = definePathManager({
  type: 'ROLLTIME',
  classNames: ['org.apache.flume.formatter.output.RollTimePathManager$Builder'],
  summary: '`<prefix>yyyyMMddHHmmss-<n>[.extension]` in local time, n from 1 in every second.',
  example: `
a1.sinks.k1.type = file_roll
a1.sinks.k1.sink.directory = /var/lib/collected
a1.sinks.k1.sink.pathManager = ROLLTIME
a1.sinks.k1.sink.pathManager.extension = log
`,
  options: rollPathOptions,
  create: ({ directory, options, now }) => {
    let last = '';
    let n = 0;
    return rollPath(directory, options, () => {
      const stamp = localStamp(new Date(now()));
      n = stamp === last ? n + 1 : 1;
      last = stamp;
      return `${stamp}-${n}`;
    });
  },
});

function localStamp(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`;
  return `${day}${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`;
}
