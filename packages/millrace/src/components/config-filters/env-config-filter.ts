import { defineConfigFilter } from '../../component/define.ts';

export const envConfigFilter = defineConfigFilter({
  type: 'env',
  classNames: ['org.apache.flume.configfilter.EnvironmentVariableConfigFilter'],
  summary: 'The environment variable that the key names.',
  options: {},
  create: ({ env }) => ({
    async resolve(key) {
      const value = Object.hasOwn(env, key) ? env[key] : undefined;
      return value === undefined ? { fault: `the environment variable ${key} is not set` } : { value };
    },
  }),
});
