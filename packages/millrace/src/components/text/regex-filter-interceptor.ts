import { defineInterceptor } from '../../component/define.ts';
import { opt } from '../../config/options.ts';
import { patternFaults } from '../../config/pattern-faults.ts';
import { javaRegex } from '../../java/regex.ts';
import { keepBodies } from '../../records/edit.ts';

/** Flume's RegexFilteringInterceptor: the pattern may be found anywhere in the body, which is read as UTF-8. */
export const regexFilterInterceptor = defineInterceptor({
  type: 'regex_filter',
  classNames: ['org.apache.flume.interceptor.RegexFilteringInterceptor$Builder'],
  summary: 'Keeps the events in whose body a regular expression is found, or those in which it is not.',
  example: `
a1.sources.r1.type = TAILDIR
a1.sources.r1.filegroups = app
a1.sources.r1.filegroups.app = /var/log/app/.*\\\\.log
a1.sources.r1.interceptors = i1
a1.sources.r1.interceptors.i1.type = regex_filter
a1.sources.r1.interceptors.i1.regex = ^(DEBUG|TRACE)
a1.sources.r1.interceptors.i1.excludeEvents = true
`,
  differs: [
    'Bodies are read as UTF-8, in Flume as the JVM is told (`-Dfile.encoding`); bytes that are none are replaced before the pattern sees them, in both.',
    'Atomic groups, class intersections and nested classes are refused with a reason; possessive quantifiers are taken as greedy.',
  ],
  options: {
    regex: opt.string({ doc: 'A Java regular expression, found anywhere in the body.', default: '.*' }),
    excludeEvents: opt.boolean({
      doc: 'Drop the events in which it is found, instead of the others.',
      default: false,
    }),
  },
  validate: ({ regex }) => patternFaults('regex', regex),
  promises: ({ regex, excludeEvents }) => ({
    does: `drops events ${excludeEvents ? 'in which' : 'unless'} ${regex} is found`,
  }),
  sets: () => [],
  create: ({ options: { regex, excludeEvents } }) => {
    const pattern = javaRegex(regex);
    return {
      intercept: (batch) =>
        keepBodies(
          batch,
          (bytes, from, to) => pattern.test(bytes.toString('utf8', from, to)) !== excludeEvents,
        ),
    };
  },
});
