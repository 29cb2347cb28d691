import { describe, it } from 'vitest';
import { interceptorContract, interceptorFor } from '../../component/testing/interceptor-contract.ts';
import { regexExtractorInterceptor } from './regex-extractor-interceptor.ts';

interceptorContract({ describe, it }, 'regex_extractor', {
  create: () =>
    interceptorFor(regexExtractorInterceptor, {
      regex: '(\\d+)(x)?',
      serializers: 's1 s2',
      'serializers.s1.name': 'own',
      'serializers.s1.type': 'org.apache.flume.interceptor.RegexExtractorInterceptorMillisSerializer',
      'serializers.s1.pattern': 'yyyy',
      'serializers.s2.name': 'x',
    }),
  bodies: ['2012x', 'none', 'a 99999999999', '1'],
});
