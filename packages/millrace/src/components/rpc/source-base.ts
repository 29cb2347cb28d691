import { SourceCounter } from '../../component/counters.ts';
import type { SourceContext } from '../../component/define.ts';
import { Intake } from '../../component/intake.ts';
import type { StopOptions } from '../../component/lifetime.ts';
import type { listenOptions } from '../../component/options/listen.ts';
import { type tcpServerOptions, tcpServerSettings } from '../../component/options/tcp-server.ts';
import type { Source } from '../../component/source.ts';
import type { Conversation } from '../../net/conversation.ts';
import type { NetStream } from '../../net/deflate-stream.ts';
import { RequestServer } from '../../net/request-server.ts';
import type { ServedConnection } from '../../net/served-connection.ts';
import type { Logger } from '../../runtime/logger.ts';

type RpcContext = SourceContext<typeof listenOptions & typeof tcpServerOptions>;

/** What all connections of one source share. */
export interface RpcService {
  readonly name: string;
  readonly log: Logger;
  readonly intake: Intake;
  readonly counter: SourceCounter;
}

/** In what the sources differ. */
export interface RpcProtocol {
  /** Of a call, with what is around it. */
  readonly maxRequestBytes: number;
  readonly layer?: ((socket: NetStream) => NetStream) | undefined;
  /** Called at each start; makes the conversations of it. */
  speak(service: RpcService): (connection: ServedConnection) => Conversation;
}

/** A source that is called with events and answers each call with what became of them. */
export class RpcSource implements Source {
  readonly counter = new SourceCounter();
  readonly #context: RpcContext;
  readonly #protocol: RpcProtocol;
  #server: RequestServer | null = null;

  constructor(context: RpcContext, protocol: RpcProtocol) {
    this.#context = context;
    this.#protocol = protocol;
  }

  async start(): Promise<void> {
    const { name, options, log, channels } = this.#context;
    const { maxRequestBytes, layer } = this.#protocol;
    const { counter } = this;
    const settings = await tcpServerSettings(this.#context, counter, maxRequestBytes);
    const intake = new Intake({ channels, log, counter });
    counter.start();
    const converse = this.#protocol.speak({ name, log, counter, intake });
    this.#server = new RequestServer({ ...settings, layer, converse });
    await this.#server.listen(options.bind, options.port);
  }

  /** Calls that were read are served and answered, as far as the deadline goes; no more are read. */
  async stop({ deadline }: Partial<StopOptions> = {}): Promise<void> {
    await this.#server?.stop(deadline);
    this.#server = null;
    this.counter.stop();
  }
}
