import { messages } from '../../protocol/messages.ts';
import { defineHandler } from './call.ts';

export const saslHandshake = defineHandler(messages.saslHandshake, [], ({ mechanism }, { login, version }) =>
  login.handshake(mechanism, version),
);
