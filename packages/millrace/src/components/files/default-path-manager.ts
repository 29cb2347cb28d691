import { definePathManager } from '../../component/define.ts';
import { rollPath, rollPathOptions } from './roll-path.ts';

/** Flume's DefaultPathManager. */
export const defaultPathManager = definePathManager({
  type: 'DEFAULT',
  classNames: ['org.apache.flume.formatter.output.DefaultPathManager$Builder'],
  summary: '`<prefix><start of the series, Unix ms>-<n>[.extension]`, n from 1.',
  example: `
a1.sinks.k1.type = file_roll
a1.sinks.k1.sink.directory = /var/lib/collected
a1.sinks.k1.sink.pathManager = DEFAULT
a1.sinks.k1.sink.pathManager.prefix = app-
a1.sinks.k1.sink.pathManager.extension = log
`,
  options: rollPathOptions,
  create: ({ directory, options, now }) => {
    const seriesStart = now();
    let n = 0;
    return rollPath(directory, options, () => `${seriesStart}-${++n}`);
  },
});
