/** Which form of the metrics a request asks for. */

export interface MetricsForm {
  readonly kind: 'flume' | 'prometheus' | 'openmetrics';
  readonly contentType: string;
}

const forms = {
  flume: { kind: 'flume', contentType: 'application/json;charset=utf-8' },
  prometheus: { kind: 'prometheus', contentType: 'text/plain; version=0.0.4; charset=utf-8' },
  openmetrics: {
    kind: 'openmetrics',
    contentType: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  },
} as const satisfies Record<string, MetricsForm>;

const kindOfType: Readonly<Record<string, keyof typeof forms>> = {
  'application/json': 'flume',
  'application/*': 'flume',
  'text/plain': 'prometheus',
  'text/*': 'prometheus',
  'application/openmetrics-text': 'openmetrics',
};

/**
 * By the `Accept` header (RFC 9110, 12.5.1): the named type of the highest weight, the first of equals. What a browser
 * or curl sends (`text/html`, or nothing but a wildcard) gets what the path is known for.
 */
export function metricsForm(accept: string | undefined, usual: 'flume' | 'prometheus'): MetricsForm {
  let best: { kind: keyof typeof forms; weight: number } | null = null;
  let askedForHtml = false;
  for (const part of (accept ?? '').split(',')) {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    if (type === 'text/html') askedForHtml = true;
    const kind = type === '*/*' ? usual : Object.hasOwn(kindOfType, type) ? kindOfType[type] : undefined;
    if (kind === undefined || (usual === 'prometheus' && kind === 'flume')) continue;
    const given = parameters.find((parameter) => parameter.startsWith('q='));
    const weight = given === undefined ? 1 : Number(given.slice(2));
    if (weight > 0 && weight > (best?.weight ?? 0)) best = { kind, weight };
  }
  return forms[askedForHtml ? usual : (best?.kind ?? usual)];
}
