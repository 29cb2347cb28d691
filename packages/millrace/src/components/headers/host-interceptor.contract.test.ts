import { describe, it } from 'vitest';
import { interceptorContract, interceptorFor } from '../../component/testing/interceptor-contract.ts';
import { hostInterceptor } from './host-interceptor.ts';

interceptorContract({ describe, it }, 'host', {
  create: () => interceptorFor(hostInterceptor, {}),
  bodies: ['one', 'two', ''],
});
