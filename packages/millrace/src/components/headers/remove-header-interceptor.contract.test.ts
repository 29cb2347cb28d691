import { describe, it } from 'vitest';
import { interceptorContract, interceptorFor } from '../../component/testing/interceptor-contract.ts';
import { removeHeaderInterceptor } from './remove-header-interceptor.ts';

interceptorContract({ describe, it }, 'remove_header', {
  create: () => interceptorFor(removeHeaderInterceptor, { withName: 'own', matching: 's.*|offset' }),
  bodies: ['one', 'two', ''],
});
