import { describe, it } from 'vitest';
import { interceptorContract, interceptorFor } from '../../component/testing/interceptor-contract.ts';
import { timestampInterceptor } from './timestamp-interceptor.ts';

interceptorContract({ describe, it }, 'timestamp', {
  create: () => interceptorFor(timestampInterceptor, { preserveExisting: true }),
  bodies: ['one', 'two', ''],
});
