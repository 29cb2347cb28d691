/** Compiles what `npm start` loads, right after an install, so that the very first start is as fast as later ones. */
import { useCompileCache } from '../../packages/millrace/bin/compile-cache.mjs';

useCompileCache();
const { componentEntries } = await import('../../packages/millrace/src/components/index.ts');
await Promise.all([
  import('../../packages/millrace/src/agent/agent.ts'),
  import('../../packages/millrace/src/broker/index.ts'),
  import('../../packages/millrace/src/cli/main.ts'),
  import('../../packages/millrace/src/cli/start.ts'),
  import('../../packages/millrace/src/process/http.ts'),
  import('../../packages/millrace/src/process/log-output.ts'),
  import('../../packages/millrace/src/process/thread-side.ts'),
  ...componentEntries.map((entry) => entry.load()),
]);
