import { describe, it } from 'vitest';
import { interceptorContract, interceptorFor } from '../../component/testing/interceptor-contract.ts';
import { uuidInterceptor } from './uuid-interceptor.ts';

interceptorContract({ describe, it }, 'UUIDInterceptor', {
  create: () => interceptorFor(uuidInterceptor, { headerName: 'own' }),
  bodies: ['one', 'two', ''],
});
