import { defineInterceptor } from '../../component/define.ts';
import type { Interceptor } from '../../component/interceptor.ts';
import { type OptionValues, opt } from '../../config/options.ts';
import { patternFaults } from '../../config/pattern-faults.ts';
import { javaRegex } from '../../java/regex.ts';
import { javaSplit } from '../../java/split.ts';
import { removeHeaders } from '../../records/edit.ts';

const options = {
  withName: opt.string({ doc: 'The name of a header to remove.' }),
  fromList: opt.string({ doc: 'Names of headers to remove, between separators.' }),
  fromListSeparator: opt.string({
    doc: 'What stands between two names of `fromList`, a Java regular expression.',
    default: '\\s*,\\s*',
  }),
  matching: opt.string({
    doc: 'A Java regular expression; headers whose whole name it matches are removed.',
  }),
};
type Options = OptionValues<typeof options>;

export const removeHeaderInterceptor = defineInterceptor({
  type: 'remove_header',
  classNames: ['org.apache.flume.interceptor.RemoveHeaderInterceptor$Builder'],
  summary:
    'Takes headers out: one by name, those of a list, and those whose name matches a regular expression.',
  example: `
a1.sources.r1.interceptors = i1
a1.sources.r1.interceptors.i1.type = remove_header
a1.sources.r1.interceptors.i1.fromList = password, token
a1.sources.r1.interceptors.i1.matching = tmp_.*
`,
  options,
  validate: ({ fromList, fromListSeparator, matching }) => [
    ...(fromList === undefined ? [] : patternFaults('fromListSeparator', fromListSeparator)),
    ...(matching === undefined ? [] : patternFaults('matching', matching)),
  ],
  notes: ({ withName, fromList, matching }) =>
    withName === undefined && fromList === undefined && matching === undefined
      ? [
          {
            key: 'type',
            message: 'remove_header removes nothing: none of withName, fromList and matching is set',
            suggestion: 'set one of them',
          },
        ]
      : [],
  sets: () => [],
  promises: () => ({ does: 'removes headers' }),
  removes: (options, header) => removedBy(options)(header),
  create: ({ options }): Interceptor => {
    const goes = removedBy(options);
    return { intercept: (batch) => removeHeaders(batch, goes) };
  },
});

function removedBy({
  withName,
  fromList,
  fromListSeparator,
  matching,
}: Options): (header: string) => boolean {
  const names = new Set(
    fromList === undefined ? [] : javaSplit(fromList, javaRegex(fromListSeparator, { flags: 'g' })),
  );
  if (withName !== undefined) names.add(withName);
  const pattern = matching === undefined ? null : javaRegex(matching, { fullMatch: true });
  return (name) => names.has(name) || pattern?.test(name) === true;
}
