/**
 * An interceptor of your own: hides what matches a pattern in the body of each event, and says so in a header. It edits
 * the batch where it lies: events that stay as they are cost no object.
 */
import { defineInterceptor, editEvents, HeaderName, type Interceptor, opt } from 'millrace/component';

export const maskInterceptor = defineInterceptor({
  type: 'mask',
  classNames: [],
  summary: 'Hides what matches a pattern in the bodies.',
  options: {
    pattern: opt.string({ doc: 'A JavaScript regular expression.', required: true }),
    with: opt.string({ doc: 'What stands in the place of each match.', default: '***' }),
  },
  /** Runs in `check` and at build alike: a pattern that is none keeps the source from being had. */
  validate: ({ pattern }) => {
    try {
      new RegExp(pattern, 'g');
      return [];
    } catch (error) {
      return [{ key: 'pattern', message: `pattern: ${(error as Error).message}` }];
    }
  },
  create: ({ options }): Interceptor => {
    const pattern = new RegExp(options.pattern, 'g');
    const masked = new HeaderName('masked');
    return {
      intercept: (batch) =>
        editEvents(batch, [masked], (event) => {
          const text = event.bytes.toString('utf8', event.from, event.to);
          const without = text.replace(pattern, () => options.with);
          if (without === text) return;
          event.setBody(without);
          event.set(masked, 'true');
        }),
    };
  },
});
