import { chmodSync, mkdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { tempDir } from '../../../testkit/src/files/temp-dir.ts';
import { pluginFolders } from './plugin-folders.ts';

it("Flume's own folder counts where no other is named, and only where not everybody may write", () => {
  using dir = tempDir();
  expect(pluginFolders(undefined, dir.path, undefined)).toEqual({ folders: [], notes: [] });
  expect(pluginFolders(undefined, dir.path, dir.path)).toEqual({ folders: [], notes: [] });
  mkdirSync(dir.join('plugins.d', 'own'), { recursive: true });
  const folders = [dir.join('plugins.d'), dir.join('plugins.d', 'own')];
  expect(pluginFolders(undefined, '/', dir.path)).toEqual({ folders, notes: [] });
  expect(pluginFolders('elsewhere', dir.path, dir.path)).toEqual({
    folders: [],
    notes: [expect.stringContaining('nothing is loaded of --plugins-path elsewhere')],
  });

  chmodSync(dir.join('plugins.d', 'own'), 0o777);
  expect(pluginFolders(undefined, '/', dir.path)).toEqual({
    folders: [],
    notes: [`nothing is loaded of $FLUME_HOME/plugins.d: everybody may write to ${folders[1]}`],
  });
  // Who names it has decided.
  expect(pluginFolders('plugins.d', dir.path, undefined)).toEqual({ folders, notes: [] });
});
