import { describe, it } from 'vitest';
import { interceptorContract, interceptorFor } from '../../component/testing/interceptor-contract.ts';
import { regexFilterInterceptor } from './regex-filter-interceptor.ts';

interceptorContract({ describe, it }, 'regex_filter', {
  create: () => interceptorFor(regexFilterInterceptor, { regex: 'b' }),
  bodies: ['abc', 'b', 'none', ''],
});
