import { describe, it } from 'vitest';
import { interceptorContract, interceptorFor } from '../../component/testing/interceptor-contract.ts';
import { searchReplaceInterceptor } from './search-replace-interceptor.ts';

interceptorContract({ describe, it }, 'search_replace', {
  create: () => interceptorFor(searchReplaceInterceptor, { searchPattern: 'o|x*y', replaceString: '<$0>' }),
  bodies: ['one', 'two', '', 'xxy', 'three'],
});
