import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { waitFor } from '../../../../testkit/src/process/wait.ts';
import { S3Connection } from './s3-connection.ts';

const denied = '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>no</Message></Error>';

it('keeps no connections of clients that it has given up for their credentials', async () => {
  let open = 0;
  let isDenied = true;
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(isDenied ? 403 : 200).end(isDenied ? denied : ''));
  });
  server.keepAliveTimeout = 0; // nobody ends them but the client
  server.on('connection', (socket) => {
    open++;
    socket.on('close', () => open--);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connection = new S3Connection({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pathStyle: true,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  const put = (Key: string) =>
    connection.ask("can't write", (sdk, client, options) =>
      client.send(new sdk.PutObjectCommand({ Bucket: 'b', Key, Body: 'x' }), options),
    );
  for (let round = 0; round < 10; round++)
    for (const { status } of await Promise.allSettled([put('a'), put('b')])) expect(status).toBe('rejected');
  isDenied = false;
  await put('c');
  await waitFor('all but that of the last client to end', () => open === 1);
  connection.close();
  await waitFor('the last to end', () => open === 0);
  server.close();
  await once(server, 'close');
});
