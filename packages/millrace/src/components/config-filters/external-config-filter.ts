import { defineConfigFilter } from '../../component/define.ts';
import { opt } from '../../config/options.ts';

export const externalConfigFilter = defineConfigFilter({
  type: 'external',
  classNames: ['org.apache.flume.configfilter.ExternalProcessConfigFilter'],
  summary: 'The first line that a command prints; the key is its last argument.',
  example: `
a1.configfilters = f1
a1.configfilters.f1.type = external
a1.configfilters.f1.command = printenv
a1.sinks.k1.type = file_roll
a1.sinks.k1.sink.directory = \${f1["HOME"]}/collected
`,
  options: {
    command: opt.list({
      doc: 'The program and its arguments, split at white space; no shell.',
      required: true,
    }),
    charset: opt.string({ doc: 'How its output is encoded.', default: 'UTF-8' }),
  },
  create: ({ name, options: { command, charset }, runCommand }) => ({
    async resolve(key) {
      if (runCommand === undefined) return { fault: 'a check runs no commands' };
      try {
        const output = await runCommand([...command, key], charset);
        return { value: output.split(/\r?\n/, 1)[0] ?? '' };
      } catch {
        // The program's own words may hold the secret that it was asked for.
        return { fault: `the command of configfilter ${name} failed` };
      }
    },
  }),
});
