/** A real Elasticsearch or OpenSearch for tests: one node within a small Java program, in a folder of its own. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../net/free-port.ts';
import { javaCommand, noteRealServer } from '../process/java.ts';
import { ManagedProcess } from '../process/processes.ts';

export type SearchServer = 'elasticsearch' | 'opensearch';

const program = join(import.meta.dirname, 'java/RunSearch.java');

export interface Found {
  readonly index: string;
  readonly source: Record<string, unknown>;
}

export class RealSearch implements AsyncDisposable {
  readonly process: ManagedProcess;
  readonly port: number;

  private constructor(child: ManagedProcess, port: number) {
    this.process = child;
    this.port = port;
  }

  static async start(server: SearchServer, dir: string): Promise<RealSearch> {
    const port = await freePort();
    const ownProgram = join(dir, 'RunSearch.java');
    writeFileSync(ownProgram, readFileSync(program, 'utf8').replaceAll('org.elasticsearch', `org.${server}`));
    const { command, args } = await javaCommand(server, ownProgram, [dir, String(port)], {
      jvmFlags: ['-Xmx400m'],
    });
    const child = await ManagedProcess.spawn(command, args, { name: server, cwd: dir });
    try {
      await child.waitForLine(/^started$/, 120_000);
    } catch (error) {
      await child.kill();
      throw error;
    }
    noteRealServer(server);
    return new RealSearch(child, port);
  }

  /** An answer of its API. */
  async ask(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const answer = await fetch(`http://127.0.0.1:${this.port}/${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    return (await answer.json()) as Record<string, unknown>;
  }

  /** All documents of the indexes that the pattern fits, at most 10,000. */
  async documents(indexes: string): Promise<Found[]> {
    await this.ask('POST', '_refresh');
    const answer = await this.ask('POST', `${indexes}/_search?size=10000&allow_no_indices=true`);
    const { hits } = answer.hits as { hits: { _index: string; _source: Found['source'] }[] };
    return hits.map(({ _index: index, _source: source }) => ({ index, source }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process.kill();
  }
}
