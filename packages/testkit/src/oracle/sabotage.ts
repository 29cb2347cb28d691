/**
 * Deliberate faults in the real programs, to see that the oracle notices. Loaded with `node --import` by tests only;
 * MILLRACE_SABOTAGE names one. Each changes a line of a module as it is loaded, in every thread, and ends the process
 * when the line is not there any more: a sabotage that changes nothing would be a test that proves nothing.
 */
import { registerHooks } from 'node:module';
import { sabotages } from './sabotages.ts';

const name = process.env.MILLRACE_SABOTAGE ?? '';
const sabotage = sabotages[name];
if (sabotage === undefined) {
  throw new Error(`MILLRACE_SABOTAGE=${name}: there is ${Object.keys(sabotages).join(', ')}`);
}

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.split('?')[0]!.endsWith(sabotage.module)) return loaded;
    const text = String(loaded.source instanceof Uint8Array ? Buffer.from(loaded.source) : loaded.source);
    const changed = text.replace(sabotage.find, () => sabotage.replace);
    if (changed === text) {
      process.stderr.write(`sabotage ${name}: ${sabotage.module} has no such line any more\n`);
      process.exit(99);
    }
    return { ...loaded, source: changed };
  },
});
