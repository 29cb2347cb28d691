import { join } from 'node:path';
import type { RollPath } from '../../component/path-manager.ts';
import { type OptionValues, opt } from '../../config/options.ts';

/** The options that Flume's path managers share. */
export const rollPathOptions = {
  extension: opt.string({ doc: 'What follows the name, after a dot.', default: '' }),
  prefix: opt.string({ doc: 'What the name begins with.', default: '' }),
};

/** A series whose files `next` names, prefix and extension apart. */
export function rollPath(
  directory: string,
  { prefix, extension }: OptionValues<typeof rollPathOptions>,
  next: () => string,
): RollPath {
  let current: string | null = null;
  return {
    current() {
      current ??= join(directory, `${prefix}${next()}${extension === '' ? '' : `.${extension}`}`);
      return current;
    },
    rotate() {
      current = null;
    },
  };
}
