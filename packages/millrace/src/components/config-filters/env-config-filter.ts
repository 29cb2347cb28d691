import { defineConfigFilter } from '../../component/define.ts';

export const envConfigFilter = defineConfigFilter({
  type: 'env',
  classNames: ['org.apache.flume.configfilter.EnvironmentVariableConfigFilter'],
  summary: 'The environment variable that the key names.',
  example: `
a1.configfilters = f1
a1.configfilters.f1.type = env
a1.sinks.k1.type = file_roll
a1.sinks.k1.sink.directory = \${f1["HOME"]}/collected
`,
  options: {},
  create: ({ env }) => ({
    async resolve(key) {
      const value = Object.hasOwn(env, key) ? env[key] : undefined;
      return value === undefined ? { fault: `the environment variable ${key} is not set` } : { value };
    },
  }),
});
