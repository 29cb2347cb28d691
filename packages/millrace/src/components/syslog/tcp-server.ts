import { SourceCounter } from '../../component/counters.ts';
import type { SourceContext } from '../../component/define.ts';
import { Intake } from '../../component/intake.ts';
import type { StopOptions } from '../../component/lifetime.ts';
import { tcpServerOptions, tcpServerSettings } from '../../component/options/tcp-server.ts';
import type { SourcePromises } from '../../component/promises.ts';
import { refusedOptions } from '../../component/refused.ts';
import type { Source } from '../../component/source.ts';
import { opt } from '../../config/options.ts';
import { RequestServer } from '../../net/request-server.ts';
import { noHeaders } from '../../records/event-batch.ts';
import { errorText } from '../../runtime/errors.ts';
import { pause } from '../../runtime/timers.ts';
import { type MessageText, SyslogConversation, type SyslogService } from './conversation.ts';
import { type HeaderNames, SyslogEventWriter, type SyslogParser } from './event-writer.ts';
import { framingCutter, framingOptions, ofUnfinished } from './framing.ts';
import { keptFields } from './keep-fields.ts';
import { eventSizeOption, hostOption, syslogOptions } from './options.ts';
import { peerHeaderNames, peerHeaders } from './peer-headers.ts';

/** What both sources over TCP have. */
export const syslogTcpOptions = {
  host: hostOption,
  eventSize: eventSizeOption,
  framing: opt.group(framingOptions),
  syslog: opt.group(syslogOptions),
  ...tcpServerOptions,
  ...refusedOptions,
};

/** What both promise; `at`: their address and ports, as it is read. */
export const syslogTcpPromises = (at: string): SourcePromises => ({
  does: `takes syslog messages over TCP at ${at}`,
  origin: 'nobody',
  until: 'taken',
  losses: [
    {
      when: 'a connection breaks',
      what: 'messages on their way are lost: syslog has no answers, so the sender takes them for sent',
      instead: 'let the sender spool to a file and read that with TAILDIR, where this matters',
    },
  ],
});

/** In what the two sources differ. */
export interface SyslogTcpKind {
  readonly ports: readonly number[];
  /** The option that names them. */
  readonly portOption: string;
  readonly names: HeaderNames;
  readonly parser: SyslogParser;
  readonly strict: boolean;
  readonly mostEvents: number;
  /** The header for the port that a message came to. */
  readonly portHeader?: string | undefined;
  /** How the bytes that come to a port are text. Absent: they are taken as they are. */
  textOf?(port: number): MessageText;
}

const retryMs = 3000;

/** A source of syslog over TCP: a server on one port or several. */
export class SyslogTcpServer implements Source {
  readonly counter = new SourceCounter();
  readonly #context: SourceContext<typeof syslogTcpOptions>;
  readonly #kind: SyslogTcpKind;
  #server: RequestServer | null = null;
  #stopping = new AbortController();

  constructor(context: SourceContext<typeof syslogTcpOptions>, kind: SyslogTcpKind) {
    this.#context = context;
    this.#kind = kind;
  }

  async start(): Promise<void> {
    const { options } = this.#context;
    const { portHeader, textOf } = this.#kind;
    const settings = await tcpServerSettings(this.#context, this.counter, options.eventSize);
    const service = this.#service(settings.component);
    this.counter.start();
    this.#stopping = new AbortController();
    const server = new RequestServer({
      ...settings,
      converse: async (connection) => {
        const ofPeer = await peerHeaders(options.syslog, connection.peer);
        const port = String(connection.localPort);
        const headers =
          portHeader === undefined ? ofPeer : new Map([[portHeader, port], ...(ofPeer ?? noHeaders)]);
        return new SyslogConversation(connection, service, headers, textOf?.(connection.localPort));
      },
    });
    this.#server = server;
    await this.#listen(server);
  }

  /** What was read is put, as far as the deadline goes; what comes after is not read. */
  async stop({ deadline }: Partial<StopOptions> = {}): Promise<void> {
    this.#stopping.abort();
    await this.#server?.stop(deadline);
    this.#server = null;
    this.counter.stop();
  }

  #service(component: string): SyslogService {
    const { options, log, refused, channels } = this.#context;
    const { names, parser, strict, mostEvents, portHeader } = this.#kind;
    const given = peerHeaderNames(options.syslog);
    if (portHeader !== undefined) given.add(portHeader);
    return {
      component,
      log,
      intake: new Intake({ channels, log, counter: this.counter }),
      refused,
      counter: this.counter,
      cutter: framingCutter(options.framing, options.eventSize),
      ofUnfinished: ofUnfinished(options.framing),
      mostEvents,
      writer: new SyslogEventWriter(names, keptFields(options.syslog.keepFields), given),
      parser,
      strict,
    };
  }

  /** As in Flume a port that can't be had does not keep the others; here it is tried again. Throws where none is. */
  async #listen(server: RequestServer): Promise<void> {
    const { options, log, spawn, name } = this.#context;
    const { ports, portOption } = this.#kind;
    const missing = new Map<number, unknown>();
    for (const port of ports) {
      await server.listen(options.host, port, portOption).catch((error) => missing.set(port, error));
    }
    if (missing.size === 0) return;
    const [first] = missing.values();
    if (missing.size === ports.length) throw first;
    for (const error of missing.values()) log.error(errorText(error), { error });
    spawn(`source ${name}: ports that are taken`, this.#keepTrying(server, [...missing.keys()]));
  }

  async #keepTrying(server: RequestServer, ports: readonly number[]): Promise<void> {
    const { signal } = this.#stopping;
    const missing = new Set(ports);
    while (missing.size > 0) {
      await pause(retryMs, signal);
      for (const port of missing) {
        if (signal.aborted) return;
        const got = await server.listen(this.#context.options.host, port, this.#kind.portOption).then(
          () => true,
          () => false,
        );
        if (got) missing.delete(port);
      }
    }
  }
}
