/** Requests that are drawn, good and broken, for a real Flume's http source and for Millrace's. */
import fc from 'fast-check';

export interface DrawnRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

const anyOf = <T>(...values: T[]) => fc.constantFrom(...values);

const jsonText = fc
  .string({ unit: anyOf('a', 'b', ' ', 'é', '𝄞', '\\', '"', '/', '\t', '\u0001'), maxLength: 12 })
  .map((text) => JSON.stringify(text));
/** What lenient JSON has for text beside quoted text. */
const scalar = fc.oneof(
  { weight: 4, arbitrary: jsonText },
  anyOf('1', '-0', '1.50', '1E5', '12345678901234567890', '00', '-', '+1', 'NaN', '.5', '1.'),
  anyOf('true', 'false', 'TRUE', 'False', 'nul', 'truex', 'plain', "'it is'", "'a\\'b'", 'a-b_c'),
  anyOf('"\\u0041"', '"\\uD834\\uDD1E"', '"\\ud834"', '"\\u00e9x"', '"\\b\\f\\r\\t"', '"\\/"'),
);
const broken = anyOf(
  '"\\x"',
  '"\\u00"',
  '"\\u00zz"',
  '"open',
  '{',
  '[',
  ']',
  '}',
  ',',
  ':',
  '/',
  '#',
  '\\',
  '=',
  '',
);
/** `null` only where Flume can hand it on. */
const bodyValue = fc.oneof(
  { weight: 8, arbitrary: scalar },
  { weight: 1, arbitrary: anyOf('null', 'NULL', '{}', '[]', '{"a":1}') },
  { weight: 1, arbitrary: broken },
);
const headerValue = fc.oneof(
  { weight: 12, arbitrary: scalar },
  { weight: 1, arbitrary: anyOf('{}', '[]', '["x"]') },
  { weight: 1, arbitrary: broken },
);
const name = fc.oneof(
  { weight: 5, arbitrary: anyOf('"a"', '"b"', '"k1"', '"é"') },
  anyOf("'c'", 'd', '1', 'true', '""'),
);
const colon = fc.oneof({ weight: 12, arbitrary: anyOf(':') }, anyOf(' : ', '=', '=>', '', '::'));
const comma = fc.oneof(
  { weight: 12, arbitrary: anyOf(',') },
  anyOf(' , ', ';', '/* c */,', ',# c\n', ', // c\r\n', ',,', ''),
);

const listed = (open: string, item: fc.Arbitrary<string>, close: string, maxLength: number) =>
  fc.tuple(fc.array(fc.tuple(item, comma), { maxLength }), fc.boolean()).map(([items, trails]) => {
    const text = items.map(([each, mark], i) => each + (i < items.length - 1 ? mark : '')).join('');
    return `${open}${text}${trails && items.length > 3 ? ',' : ''}${close}`;
  });
const headers = fc.oneof(
  {
    weight: 10,
    arbitrary: listed(
      '{',
      fc.tuple(name, colon, headerValue).map((parts) => parts.join('')),
      '}',
      3,
    ),
  },
  anyOf(
    'null',
    '[]',
    '"x"',
    '1',
    '[["a","b"],["c",1]]',
    '[["a"]]',
    '[["a","b","c"]]',
    '[["a","b"],["a","c"]]',
    '[[null,"b"]]',
  ),
);
const field = fc.oneof(
  { weight: 5, arbitrary: bodyValue.map((value) => `"body":${value}`) },
  { weight: 5, arbitrary: headers.map((value) => `"headers":${value}`) },
  {
    weight: 2,
    arbitrary: anyOf(
      '"other":{"a":[1,{"b":null}]}',
      'body:x',
      "'headers':{}",
      '"charset":"UTF-16"',
      '"Body":"no"',
      '"x":',
    ),
  },
);
const event = fc.oneof(
  { weight: 20, arbitrary: listed('{', field, '}', 3) },
  anyOf('null', '1', '"x"', '[]', '{}', 'true'),
);
const document = fc.oneof(
  { weight: 20, arbitrary: listed('[', event, ']', 3) },
  anyOf(
    '',
    ' ',
    '[]',
    '[,]',
    '[{},]',
    '[;]',
    'null',
    'NULL',
    '{}',
    'hello',
    '[]]',
    '[] x',
    '[] {',
    '[] /',
    '[] # c',
    '[] [',
    '[]]',
  ),
  anyOf(
    ")]}'\n[{}]",
    '/* c */ [{}]',
    '// only',
    '# only',
    '/* open',
    '\uFEFF[{}]',
    ' \uFEFF[{}]',
    '[{"body":"b"}',
    '[{"body"',
  ),
);

const types = fc.oneof(
  {
    weight: 4,
    arbitrary: anyOf('application/json; charset=UTF-8', 'application/json', 'text/plain;charset="utf-8"'),
  },
  anyOf('application/json;charset=UTF-16', 'text/json; charset=utf-32', 'x/y;charset=UTF-16'),
  anyOf(
    'application/json;charset=ISO-8859-1',

    'application/json;charset=utf-16le',
  ),
);

function encoded(text: string, type: string): Buffer {
  if (/utf-16"?$/i.test(type))
    return Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(text, 'utf16le').swap16()]);
  if (!/utf-32"?$/i.test(type)) return Buffer.from(text);
  const points = [...text].map((char) => char.codePointAt(0)!);
  const bytes = Buffer.alloc(points.length * 4);
  for (const [i, point] of points.entries()) bytes.writeUInt32BE(point, i * 4);
  return bytes;
}

const methods = fc.oneof(
  { weight: 20, arbitrary: anyOf('POST') },
  anyOf('GET', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH', 'HEAD'),
);

const jsonRequests = fc.tuple(methods, anyOf('/', '/a/b', '/?x=1'), document, types).map(
  ([method, target, text, type]): DrawnRequest => ({
    method,
    target,
    headers: [['Content-Type', type]],
    // These have no body that is looked at.
    body: /^(POST|GET)$/.test(method) ? encoded(text, type) : Buffer.alloc(0),
  }),
);

const pair = fc
  .tuple(
    anyOf('app', 'host', 'a', 'x%20y', 'p+q', '%C3%A9', ''),
    anyOf('=', '=1', '=a%2Cb', '=+', '=a=b', '', '=%F0%9D%84%9E'),
  )
  .map((parts) => parts.join(''));
const blobRequests = fc
  .tuple(
    methods,
    fc.array(pair, { maxLength: 4 }),
    fc.boolean(),
    anyOf('text/plain', 'application/x-www-form-urlencoded', 'application/octet-stream'),
    fc.string({ unit: anyOf('a', '=', '&', 'é', ' '), maxLength: 10 }),
  )
  .map(
    ([method, pairs, good, type, text]): DrawnRequest => ({
      method: method === 'HEAD' ? 'GET' : method,
      target: `/p?${[...(good ? ['app=1', 'host=2'] : []), ...pairs].join('&')}`,
      headers: [['Content-Type', type]],
      body: /^(POST|GET)$/.test(method) ? Buffer.from(text) : Buffer.alloc(0),
    }),
  );

/** Of one to five events each, for a channel of three that nobody empties. */
const fullRequests = fc.integer({ min: 1, max: 5 }).map(
  (count): DrawnRequest => ({
    method: 'POST',
    target: '/',
    headers: [['Content-Type', 'application/json']],
    body: Buffer.from(JSON.stringify(Array.from({ length: count }, () => ({ body: 'x' })))),
  }),
);

export const drawnRequests = (kind: 'json' | 'blob' | 'full'): fc.Arbitrary<DrawnRequest> =>
  ({ json: jsonRequests, blob: blobRequests, full: fullRequests })[kind];
