import type { HttpAnswer } from '../../net/http-server.ts';

const reasons: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escaped = (text: string): string => text.replace(/[&<>"]/g, (char) => reasons[char]!);

/** What Flume's server says of an error: a page with status, message and path. */
export function errorPage(status: number, message: string, path: string): HttpAnswer {
  const [shown, uri] = [escaped(message), escaped(path)];
  const rows = [
    ['URI', uri],
    ['STATUS', String(status)],
    ['MESSAGE', shown],
  ].map(([name, value]) => `<tr><th>${name}:</th><td>${value}</td></tr>\n`);
  const body = `<html>
<head>
<meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>
<title>Error ${status} ${shown}</title>
</head>
<body><h2>HTTP ERROR ${status} ${shown}</h2>
<table>
${rows.join('')}</table>

</body>
</html>
`;
  return {
    status,
    headers: { 'Content-Type': 'text/html;charset=utf-8', 'Cache-Control': 'no-store' },
    body,
  };
}
