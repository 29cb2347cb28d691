/** Deliberate faults in the real programs, each a line of a module that is changed as it is loaded (`sabotage.ts`). */

export interface Sabotage {
  /** End of the module's path. */
  readonly module: string;
  readonly find: string | RegExp;
  readonly replace: string;
}

export const sabotages: Readonly<Record<string, Sabotage>> = {
  /** The source notes a batch as delivered, then waits a moment, then delivers it. */
  'early-position': {
    module: '/components/taildir/putting.ts',
    find: 'this.#inFlight = this.#putUntilTaken(deliveries, span, batch, { signal, progress }).then(',
    replace: `this.#store.moved(file, to);
    await new Promise((resolve) => setTimeout(resolve, 30));
    this.#inFlight = this.#putUntilTaken(deliveries, span, batch, { signal, progress }).then(`,
  },
  /** A start knows the position file only, as Flume does. */
  'forget-journal': {
    module: '/tracking/position-journal.ts',
    find: 'if (bytes === null) return nothing;',
    replace: 'return nothing;',
  },
  /** A start of TAILDIR asks no channel how far it has come. */
  'forget-progress': {
    module: '/components/taildir/stored-positions.ts',
    find: 'goOnFrom(progressId, { position, mark }, progress, tail)',
    replace: 'goOnFrom(progressId, { position, mark }, undefined, tail)',
  },
  /** After a kill a channel that has more than others gets it again. */
  'give-again': {
    module: '/agent/running/channel-delivery.ts',
    find: 'if (progress?.has === undefined) return false;',
    replace: 'return false;',
  },
  /** The sink says that it has written, then waits a moment, then writes. */
  'early-take-commit': {
    module: '/components/files/file-roll-sink.ts',
    find: /const \{ bytes, refused \} = await encode\(delivery, file\.encoder\);\n\s*file\.sizeBytes \+= await writeAll\(file\.handle, bytes, file\.sizeBytes\);/,
    replace: `const { bytes, refused } = await encode(delivery, file.encoder);
      const at = file.sizeBytes;
      file.sizeBytes += bytes.reduce((sum, { length }) => sum + length, 0);
      setTimeout(() => void writeAll(file.handle, bytes, at).catch(() => {}), 30);`,
  },
  /** A start of the file channel forgets what was consumed since the log began. */
  'forget-consumed': {
    module: '/queues/event-log.ts',
    find: 'const [saved = 0, savedTransaction = 0] = slots.read() ?? [];',
    replace: 'const [saved, savedTransaction] = [0, 0];',
  },
  /** The Kafka sink acknowledges its events as soon as they are on their way. */
  'early-send-commit': {
    module: '/components/kafka/sink.ts',
    find: 'await Promise.all(sends);',
    replace: 'void Promise.all(sends);',
  },
  /** The avro sink acknowledges a call as soon as it is on its way. */
  'early-call-commit': {
    module: '/components/rpc/sink-base.ts',
    find: 'await connection.append(delivery.batches, signal);',
    replace: 'void connection.append(delivery.batches, signal).catch(() => {});',
  },
  /** The avro source says OK, then waits a moment, then puts. */
  'early-answer': {
    module: '/components/rpc/avro-conversation.ts',
    find: 'await intake.offer(events, this.#connection.abandoned, message);',
    replace:
      'await (setTimeout(() => void intake.offer(events, new AbortController().signal, message), 50), null);',
  },
  /** A transactional Kafka sink commits what it wrote, then waits a moment; only then are the offsets committed. */
  'offsets-behind': {
    module: '/components/kafka/sink-transactions.ts',
    find: /const found = await this\.#attempt\(.*\);\n\s*if \(found === null\) return \{ committed: .* \};/,
    replace: `const { positions: _, ...bare } = delivery;
      const found = await this.#attempt(bare, left, refused, options);
      if (found === null) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        return { committed: false };
      }`,
  },
  /** The numbers of seq begin at 1. */
  'other-numbers': {
    module: '/components/trial/seq-source.ts',
    find: 'this.#builder.add(String(this.#next + i))',
    replace: 'this.#builder.add(String(this.#next + i + 1))',
  },
  /** A text serializer ends no line. */
  'no-newline': {
    module: '/components/text/text-serializer.ts',
    find: 'if (appendNewline) text[at++] = newline;',
    replace: 'void appendNewline;',
  },
  /** A static interceptor writes over what an event has. */
  'overwrite-static': {
    module: '/components/headers/static-interceptor.ts',
    find: 'new HeaderSetter(options.key, options.preserveExisting)',
    replace: 'new HeaderSetter(options.key, false)',
  },
  /** A netcat source answers all lines of a chunk once. */
  'short-answer': {
    module: '/components/netcat/source.ts',
    find: "'OK\\n'.repeat(events)",
    replace: "'OK\\n'",
  },
  /** spooldir counts one event of a batch. */
  uncounted: {
    module: '/components/spooldir/spooling.ts',
    find: 'counter.eventAccepted += batch.count;',
    replace: 'counter.eventAccepted += 1;',
  },
  /** A batch may be larger than a transaction of its channel. */
  'any-batch': {
    module: '/agent/configuration/build-agent.ts',
    find: 'batch <= channel.transactionCapacity)',
    replace: 'batch >= 0)',
  },
};
