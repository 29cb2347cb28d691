import { definePathManager } from '../../component/define.ts';
import { rollPath, rollPathOptions } from './roll-path.ts';

/** Flume's DefaultPathManager. */
export const defaultPathManager = definePathManager({
  type: 'DEFAULT',
  classNames: ['org.apache.flume.formatter.output.DefaultPathManager$Builder'],
  summary: '`<prefix><start of the series, Unix ms>-<n>[.extension]`, n from 1.',
  options: rollPathOptions,
  create: ({ directory, options, now }) => {
    const seriesStart = now();
    let n = 0;
    return rollPath(directory, options, () => `${seriesStart}-${++n}`);
  },
});
