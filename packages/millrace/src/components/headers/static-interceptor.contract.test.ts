import { describe, it } from 'vitest';
import { interceptorContract, interceptorFor } from '../../component/testing/interceptor-contract.ts';
import { staticInterceptor } from './static-interceptor.ts';

interceptorContract({ describe, it }, 'static', {
  create: () => interceptorFor(staticInterceptor, { key: 'own', preserveExisting: false }),
  bodies: ['one', 'two', ''],
});
