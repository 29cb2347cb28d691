import { type OptionFinding, opt } from '../../config/options.ts';

const javaInt = /^[+-]?\d+$/;
const mostInt = 0x7fff_ffff;

/** What Flume hands on to Jetty's objects, by the names of their setters. */
export const jettyOptions = {
  HttpConfiguration: opt.map({
    doc: 'Of Jetty: `requestHeaderSize` (most bytes of a line and its headers, 8192) has its effect.',
    keys: [
      'requestHeaderSize',
      'sendServerVersion',
      'sendDateHeader',
      'responseHeaderSize',
      'outputBufferSize',
    ],
  }),
  ServerConnector: opt.map({
    doc: 'Of Jetty: `idleTimeout` (ms that a connection may be without a request, 30000; 0 or less: for ever) has its effect.',
    keys: ['idleTimeout', 'acceptQueueSize', 'reuseAddress', 'soLingerTime', 'name'],
  }),
  QueuedThreadPool: opt.map({
    doc: 'Of Jetty: its threads.',
    keys: ['maxThreads', 'minThreads', 'idleTimeout', 'name', 'daemon'],
    ignored: 'there are no such threads',
  }),
  SslContextFactory: opt.map({
    doc: 'Of Jetty: TLS beyond the options of this page.',
    keys: ['certAlias', 'renegotiationAllowed', 'trustAll', 'needClientAuth', 'wantClientAuth'],
    ignored: 'only include- and exclude- of this page have an effect',
  }),
};

interface JettyMaps {
  readonly HttpConfiguration: ReadonlyMap<string, string>;
  readonly ServerConnector: ReadonlyMap<string, string>;
}

const honoured = { HttpConfiguration: 'requestHeaderSize', ServerConnector: 'idleTimeout' } as const;
const groups = ['HttpConfiguration', 'ServerConnector'] as const;

/** What Jetty's setters do not take keeps Flume's source from starting. */
export function jettyFaults(values: JettyMaps): OptionFinding[] {
  return groups.flatMap((group) => {
    const name = honoured[group];
    const value = values[group].get(name)?.trim();
    if (value === undefined) return [];
    const number = Number(value);
    const least = name === 'requestHeaderSize' ? 1 : -mostInt;
    if (javaInt.test(value) && number >= least && number <= mostInt) return [];
    const key = `${group}.${name}`;
    return [{ key, message: `${key}: ${value} is no number that it can have`, code: 'bad-value' as const }];
  });
}

/** Those that are taken and mean nothing here. */
export function jettyNotes(values: JettyMaps): OptionFinding[] {
  return groups.flatMap((group) =>
    [...values[group].keys()]
      .filter((name) => name !== honoured[group])
      .map((name) => ({
        key: `${group}.${name}`,
        message: `${group}.${name} has no effect: it is a setting of Jetty's`,
      })),
  );
}

export function jettyValues(values: JettyMaps): {
  readonly requestHeaderSize: number;
  readonly idleTimeout: number;
} {
  const idle = Number(values.ServerConnector.get(honoured.ServerConnector) ?? 30_000);
  return {
    requestHeaderSize: Number(values.HttpConfiguration.get(honoured.HttpConfiguration) ?? 8192),
    idleTimeout: idle <= 0 ? Number.POSITIVE_INFINITY : idle,
  };
}
