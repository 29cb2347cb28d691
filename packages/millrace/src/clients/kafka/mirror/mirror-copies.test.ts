import { expect, it } from 'vitest';
import { MirrorSide } from '../../../../../testkit/src/kafka/mirror-cases.ts';
import { freePort } from '../../../../../testkit/src/net/free-port.ts';
import { MirrorCopies } from './mirror-copies.ts';
import { OffsetRuns } from './offset-runs.ts';

it.each(['before', 'meanwhile'])(
  'ends while the target of its transactions is not to be had: %s',
  async (when) => {
    const to = new MirrorSide(`127.0.0.1:${await freePort()}`);
    const stop = new AbortController();
    if (when === 'before') stop.abort();
    const copies = new MirrorCopies(to.admin, {
      ...{ name: 'millrace-mirror-x', requestTimeoutMs: 1000, signal: stop.signal },
      ...{ wanted: () => [], seek: () => {}, changed: () => {} },
    });
    const plan = {
      ...{ topic: 't', partition: 0, next: 3, translated: new OffsetRuns(), sourceStart: 0, sourceEnd: 9 },
      ...{ trim: false, missed: 0, refused: null },
    };
    const adding = copies.add([plan], new Map());
    adding.catch(() => {});
    await new Promise(setImmediate);
    stop.abort();
    await expect(adding).rejects.toMatchObject({ code: 'KAFKA_CONNECTION' });
    await copies.close();
    await to.client.close();
  },
);
