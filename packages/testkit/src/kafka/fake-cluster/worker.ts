/** A fake cluster in a thread of its own: it answers while the thread of the test stands still. */
import { parentPort, workerData } from 'node:worker_threads';
import { FakeCluster } from './cluster.ts';

const { delayMs } = workerData as { delayMs: number };
const cluster = await FakeCluster.start();
cluster.addTopic('t', 1);
cluster.delayMs = () => delayMs;
parentPort!.postMessage(cluster.bootstrapServers);
